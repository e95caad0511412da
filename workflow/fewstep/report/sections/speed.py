"""Everything that was timed, and on what."""

from pathlib import Path

from fewstep.report.blocks import Listing, Numbers, Section
from fewstep.report.embed import download, mark
from fewstep.report.inputs import Run
from fewstep.report.sections.quality import marks
from fewstep.report.speed import noisy_cells
from fewstep.report.stages import listing, stages
from fewstep.report.tables import noise_notes, speed_table


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """The speed table, with the machine in its caption, and the cost of each stage."""
    summary = run.summaries[dataset]
    notes = noise_notes(noisy_cells(run.speed_table), dataset, run.cards)
    table = speed_table(summary, notes)
    csv = tables / f"speed_{dataset}.csv"
    numbers = Numbers(f"speed-table-{dataset}", table, marks(summary, run.style),
                      [download(csv)] if csv.is_file() else [])  # fmt: skip
    return [Section(f"speed-{dataset}", "Speed", [numbers, *_by_stage(run, dataset, tables)])]


def _by_stage(run: Run, dataset: str, tables: Path) -> list[Listing]:
    """What each stage costs; nothing where no method has several."""
    found = stages(run, dataset)
    if not found:
        return []
    told = listing(found, dataset)
    rows = [(mark(run.style.look(line.method, line.variant)), line.cells) for line in told.lines]
    csv = tables / f"stages_{dataset}.csv"
    return [Listing(f"stages-table-{dataset}", told.caption, told.heads, rows,
                    [download(csv)] if csv.is_file() else [])]  # fmt: skip
