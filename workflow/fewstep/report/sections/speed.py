"""Everything that was timed, and on what."""

from pathlib import Path

from fewstep.report.blocks import Numbers, Section
from fewstep.report.embed import download
from fewstep.report.inputs import Run
from fewstep.report.sections.quality import marks
from fewstep.report.speed import noisy_cells
from fewstep.report.tables import noise_notes, speed_table


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """The speed table, with the machine in its caption."""
    summary = run.summaries[dataset]
    table = speed_table(summary, noise_notes(noisy_cells(run.speed_table), dataset, run.cards))
    csv = tables / f"speed_{dataset}.csv"
    numbers = Numbers(f"speed-table-{dataset}", table, marks(summary, run.style),
                      [download(csv)] if csv.is_file() else [])  # fmt: skip
    return [Section(f"speed-{dataset}", "Speed", [numbers])]
