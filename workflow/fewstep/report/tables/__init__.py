"""Every table of a run: a module builds its rows, and one writer for each format writes them all."""

from dataclasses import replace
from pathlib import Path

from fewstep.base.files import sha256_file
from fewstep.report.inputs import Run
from fewstep.report.tables import classifiers, edits, evaluation, quality, searched, speed, stages
from fewstep.report.tables.writers import write

MODULES = (quality, speed, stages, evaluation, classifiers, searched, edits)


def write_tables(run: Run, out_dir: str | Path) -> list[Path]:
    """Write every table of a run as .csv, .md and .tex; returns the files, sorted."""
    source = ", ".join(f"{path.name} {sha256_file(path)[:12]}" for path in (run.scores_csv, run.speed_csv))
    commit = run.manifest.get("git", {}).get("commit")
    source += f", commit {commit}" if commit else ""
    return sorted(
        path
        for dataset in run.config["datasets"]
        for module in MODULES
        for file in module.files(run, dataset)
        for path in write(replace(file, source=source), out_dir)
    )
