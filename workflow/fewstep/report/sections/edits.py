"""Editing: for each task a table and a grid."""

from pathlib import Path

from fewstep.report import edits
from fewstep.report.blocks import Numbers, Section, Strips
from fewstep.report.embed import download
from fewstep.report.inputs import Run
from fewstep.report.sections.grids import strip
from fewstep.report.sections.quality import marks

_CAPTION = "Uncurated: the first held-out images. Every column is one image; conditional methods are given its label."
_PATHS = "Uncurated: from one noise to another, both ends included, for the first held-out image's label."


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """One section with a table and a grid for every task; nothing where nothing is edited."""
    blocks = []
    for task in edits.tasks(run, dataset):
        found = edits.summary(run, dataset, task)
        csv = tables / f"edits_{task}_{dataset}.csv"
        files = [download(csv)] if csv.is_file() else []
        table = edits.table(run, dataset, task, found)
        blocks.append(Numbers(f"edits-table-{task}-{dataset}", table, marks(found, run.style), files))
        rows = [strip(run, row) for row in edits.strips(run, dataset, task)]
        blocks.append(Strips(rows, _CAPTION if edits.TASKS[task].truth else _PATHS))
    return [Section(f"edits-{dataset}", "Editing", blocks)] if blocks else []
