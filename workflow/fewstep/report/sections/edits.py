"""Editing: for each task a table and a grid."""

from pathlib import Path

from fewstep.plan.presented import EDITS
from fewstep.report.blocks import Section, Strips
from fewstep.report.inputs import Run
from fewstep.report.sections.grids import strip
from fewstep.report.sections.shown import downloads, numbers
from fewstep.report.tables import edits

_CAPTION = "Uncurated: the first held-out images. Every column is one image; conditional methods are given its label."
_PATHS = "Uncurated: from one noise to another, both ends included, for the first held-out image's label."


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """One section with a table and a grid for every task; nothing where nothing is edited."""
    blocks = []
    for task in run.edits(dataset):
        table = edits.table(dataset, task, edits.summary(run, dataset, task))
        files = downloads(tables, f"{EDITS}{task}_{dataset}")
        rows = [strip(run, row) for row in edits.strips(run, dataset, task)]
        blocks += [
            numbers(run, f"edits-table-{task}-{dataset}", table, files),
            Strips(rows, _CAPTION if edits.TASKS[task].truth else _PATHS),
        ]
    return [Section(f"edits-{dataset}", "Editing", blocks)] if blocks else []
