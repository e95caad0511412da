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
    notes = stage_notes(run, dataset) + noise_notes(noisy_cells(run.speed_table), dataset, run.cards)
    table = speed_table(summary, notes)
    csv = tables / f"speed_{dataset}.csv"
    numbers = Numbers(f"speed-table-{dataset}", table, marks(summary, run.style),
                      [download(csv)] if csv.is_file() else [])  # fmt: skip
    return [Section(f"speed-{dataset}", "Speed", [numbers])]


def stage_notes(run: Run, dataset: str) -> list[str]:
    """One sentence that tells what each stage costs, where several networks take turns."""
    found, told = run.stages(dataset), []
    for row in run.summaries[dataset].ranked.itertuples():
        stages = found.get((row.method, row.variant, int(row.nfe)), {})
        parts = ", ".join(f"{name} {count:g}" for name, count in stages.items())
        told += [f"{row.label} at {row.nfe} NFE: {parts}"] * bool(parts)
    return [f"Evaluations by stage. {'; '.join(told)}."] if told else []
