"""A copy of the project with a profile so small that the real workflow runs in seconds."""

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from shrinking import shrink_card

from fewstep.base.folders import ROOT

PARTS = (
    "Snakefile",
    "bin",
    "config",
    "environment.yml",
    "methods",
    "profiles",
    "reports",
    "requirements.lock",
    "workflow",
)
PROFILE = {
    "profile": "tiny",
    "device": "cpu",
    "datasets": {
        "digits": {
            "source": "digits",
            "compare": {"edm/heun": [3], "consistency_distillation/multistep": [1]},
            "samples": {"count": 40, "seeds": [0, 1], "shard_size": 20, "batch_size": 20},
            "scores": {"extractor": "lenet"},
            "speed": {
                "batch_sizes": [1, 4],
                "rounds": 3,
                "latency_calls": 3,
                "latency_seconds": 0.1,
                "warmup_seconds": 0.05,
            },
        }
    },
}
PRESENTATION = {"write_manifest", "write_tables", "draw_figure", "write_page"}  # rules that compute nothing


class Project:
    """A project folder and the calls of Snakemake in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.results, self.reports = folder / "results" / "tiny", folder / "reports" / "tiny"

    @classmethod
    def create(cls, folder: Path) -> "Project":
        """Copy what the workflow needs, shrink the recipes of every method, and write config/tiny.yaml."""
        folder.mkdir(parents=True)
        rendered = {path.parent.name for path in (ROOT / "reports").glob("*/index.html")}
        for part in PARTS:
            # Without the zoo: its weights are of recipes that are not shrunken.
            ignore = shutil.ignore_patterns("__pycache__", "*.tmp", *rendered, *["weights"] * (part == "methods"))
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, ignore=ignore)
            else:
                shutil.copy2(ROOT / part, folder / part)
        project = cls(folder)
        for card in (folder / "methods").glob("*/method.yaml"):
            shrink_card(card, steps=4, batch=8)
        project.write_profile(PROFILE)
        return project

    def copy(self, folder: Path) -> "Project":
        """The project with its results, at another place; time stamps are kept."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("__pycache__", "locks"))
        return Project(folder)

    def write_profile(self, profile: Any, name: str = "tiny") -> None:
        (self.folder / "config" / f"{name}.yaml").write_text(yaml.safe_dump(profile, sort_keys=False))

    def command(self, *arguments: str, profile: str | None = "tiny") -> list[str]:
        config = ["--configfile", f"config/{profile}.yaml"] if profile else []
        return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments, *config]

    def snakemake(self, *arguments: str, profile: str | None = "tiny") -> subprocess.CompletedProcess[str]:
        """Run Snakemake; output and errors are in `stdout`."""
        return subprocess.run(
            self.command(*arguments, profile=profile),
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=1200,
        )

    def run(self, *arguments: str) -> str:
        """Run Snakemake, which must succeed; returns its output."""
        done = self.snakemake(*arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def planned(self, *targets: str, profile: str | None = "tiny") -> dict[str, int]:
        """Jobs that Snakemake would run, by rule; the target rules that do nothing are left out."""
        done = self.snakemake(*targets, "--dry-run", "--quiet", "rules", profile=profile)
        assert done.returncode == 0, done.stdout
        jobs = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout, flags=re.MULTILINE))
        if not jobs:
            assert "Nothing to be done" in done.stdout, done.stdout
        idle = ("total", "all", "tables", "figures", "speed", "report")
        return {rule: int(count) for rule, count in jobs.items() if rule not in idle}

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[None]:
        """Replace the first `old` in a file while the block runs."""
        file = self.folder / path
        before = file.read_text(encoding="utf-8")
        assert old in before, f"{path} no longer holds {old!r}"
        file.write_text(before.replace(old, new, 1))
        try:
            yield
        finally:
            file.write_text(before)

    def written(self, pattern: str) -> dict[str, int]:
        """Times of the last change (ns) of the files of results/tiny that match."""
        return {str(p.relative_to(self.results)): p.stat().st_mtime_ns for p in sorted(self.results.glob(pattern))}


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def environment() -> dict[str, str]:
    """This process's environment, with one thread a job and nothing of pytest's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "PYTHON"))}
    return {**kept, "OMP_NUM_THREADS": "1"}
