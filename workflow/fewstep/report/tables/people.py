"""How often people took a sample for the real image beside it."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fewstep.report.formatting import plain
from fewstep.report.summary import label
from fewstep.report.tables.model import WHO, File, Head, Raw, Row, Table
from fewstep.report.tables.writers import write
from fewstep.study.kinds import WITH_LOW_RESOLUTION
from fewstep.study.outcome import Scores, enough_right

HEADS = (*WHO, *map(Head, ("Low-resolution image", "Fool rate (%)", "95 % interval", "Raters", "Items", "Trials",
                           "All raters (%)")))  # fmt: skip
CAPTION = "Human fool rate: how often people took a sample for the real image beside it; 50 % is chance"


def write_study(scores: Scores, cards: Mapping[str, dict], base: str | Path) -> None:
    """Write `base`.csv, .md and .tex."""
    raw = Raw(list(scores.rates), scores.rates.values.tolist())
    write(File(Path(base).name, [table(scores, cards)], raw), Path(base).parent)


def notes(raters: pd.DataFrame) -> str:
    """What the intervals hold and who was left out."""
    catch = int(raters.catch_trials.max())
    return (
        "Intervals are of 95 % for other raters and other images (bootstrap over both). "
        f"Left out: {int((~raters.counts).sum())} of {len(raters)} raters, whose catch trials a coin would "
        f"have answered as well with more than 5 % probability (of {catch}, {enough_right(catch)} must be right); the "
        "last column has them in."
    )


def table(scores: Scores, cards: Mapping[str, dict]) -> Table:
    """One line for each task and cell, in the order of the rates."""
    rows = [
        Row(
            row.method,
            row.variant,
            row.nfe,
            (
                label(row.method, row.variant, cards),
                str(row.nfe),
                "shown" if row.task == WITH_LOW_RESOLUTION else "not shown",
                _percent(row.fool_rate),
                f"{_percent(row.ci_low)} to {_percent(row.ci_high)}",
                str(row.raters),
                str(row.items),
                f"{row.trials:,}",
                _percent(row.fool_rate_all_raters),
            ),
        )
        for row in scores.rates.itertuples()
    ]
    return Table(CAPTION, HEADS, tuple(rows), (notes(scores.raters),))


def _percent(share: float) -> str:
    return plain(100 * share, 1)
