"""Everything that was timed, and on what."""

from pathlib import Path

from fewstep.report.blocks import Section
from fewstep.report.inputs import Run
from fewstep.report.sections.shown import downloads, listing, numbers
from fewstep.report.tables import speed, stages


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """The speed table, with the machine in its caption, and the cost of each stage where a method has several.

    Nothing where nothing can be timed: someone else made all samples.
    """
    table, files = speed.table(run.summaries[dataset]), downloads(tables, f"speed_{dataset}")
    if not table.rows:
        return []
    blocks: list = [numbers(run, f"speed-table-{dataset}", table, files)]
    if found := stages.stages(run, dataset):
        files = downloads(tables, f"stages_{dataset}")
        blocks.append(listing(run, f"stages-table-{dataset}", stages.table(found, dataset), files))
    return [Section(f"speed-{dataset}", "Speed", blocks)]
