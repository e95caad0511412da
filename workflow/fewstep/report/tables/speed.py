"""Everything that was timed of the samplers of a data set."""

from collections.abc import Iterator

from fewstep.plan.cells import IMPORTED
from fewstep.report.inputs import Run
from fewstep.report.summary import CELL, Summary
from fewstep.report.tables import numbers
from fewstep.report.tables.model import File, Table


def files(run: Run, dataset: str) -> Iterator[File]:
    """`speed_<dataset>`."""
    made = table(run.summaries[dataset])
    yield File(f"speed_{dataset}", [made], numbers.raw(made))


def table(summary: Summary) -> Table:
    """Every speed of every cell that can be timed, which samples that someone else made cannot.

    The caption names the machines, a note the cells whose timing was disturbed.
    """
    ranked = summary.ranked[summary.ranked.variant != IMPORTED]
    machines = "; ".join(dict.fromkeys(c.context for c in summary.speed)) or "not measured"
    noisy = ranked[ranked.noisy].sort_values(CELL)
    names = ", ".join(f"{row.label} at {row.nfe} NFE" for row in noisy.itertuples())
    notes = [numbers.SPEED_LEGEND, *[f"The machine was not quiet while these were timed: {names}."] * bool(names)]
    return numbers.table(ranked, summary.speed, f"Speed on {summary.dataset}: {machines}", notes)
