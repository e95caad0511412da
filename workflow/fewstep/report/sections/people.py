"""How often people took a sample for a real image, where a study was made and answered."""

from pathlib import Path

from fewstep.report.blocks import Section
from fewstep.report.inputs import Run
from fewstep.report.sections.shown import downloads, listing
from fewstep.report.tables.people import table


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """The fool rates of the study that was scored last; nothing before."""
    scores = run.study(dataset)
    if scores is None:
        return []
    block = listing(run, f"people-table-{dataset}", table(scores, run.cards), downloads(tables, f"study_{dataset}"))
    return [Section(f"people-{dataset}", "People", [block])]
