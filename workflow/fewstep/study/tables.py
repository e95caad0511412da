"""Fool rates as CSV (full precision), Markdown and LaTeX."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fewstep.report.formatting import latex, markdown, plain
from fewstep.report.listings import write_formats
from fewstep.report.summary import label
from fewstep.study.design import WITH_LOW_RESOLUTION
from fewstep.study.scoring import Scores, enough_right

HEADS = ("Method", "NFE", "Low-resolution image", "Fool rate (%)", "95 % interval", "Raters", "Items", "Trials",
         "All raters (%)")  # fmt: skip


def write_study(scores: Scores, cards: Mapping[str, dict], base: str | Path) -> None:
    """Write `base`.csv, .md and .tex."""
    rows, note = _lines(scores.rates, cards), notes(scores.raters)
    write_formats(base, csv=scores.rates.to_csv(index=False), md=to_markdown(rows, note), tex=to_latex(rows, note))


def notes(raters: pd.DataFrame) -> str:
    """What the rates mean and who was left out."""
    catch = int(raters.catch_trials.max())
    return (
        "Fool rate: share of the trials in which a rater took the sample for the real image; 50 % is chance. Intervals "
        "are of 95 % for other raters and other images (bootstrap over both). "
        f"Left out: {int((~raters.counts).sum())} of {len(raters)} raters, whose catch trials a coin would "
        f"have answered as well with more than 5 % probability (of {catch}, {enough_right(catch)} must be right); the "
        "last column has them in."
    )


def _lines(rates: pd.DataFrame, cards: Mapping[str, dict]) -> list[list[str]]:
    """Cells of the table under HEADS."""
    return [
        [
            label(row.method, row.variant, cards),
            str(row.nfe),
            "shown" if row.task == WITH_LOW_RESOLUTION else "not shown",
            _percent(row.fool_rate),
            f"{_percent(row.ci_low)} to {_percent(row.ci_high)}",
            str(row.raters),
            str(row.items),
            f"{row.trials:,}",
            _percent(row.fool_rate_all_raters),
        ]
        for row in rates.itertuples()
    ]


def _percent(share: float) -> str:
    return plain(100 * share, 1)


def to_markdown(rows: list[list[str]], note: str) -> str:
    """A GitHub table and its note."""
    lines = [HEADS, (":--", *["--:"] * (len(HEADS) - 1)), *([markdown(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + f"\n{markdown(note)}\n"


def to_latex(rows: list[list[str]], note: str) -> str:
    """A booktabs table with its note as a comment above."""
    body = [" & ".join(map(latex, row)) + r" \\" for row in rows]
    head = [rf"\begin{{tabular}}{{l{'r' * (len(HEADS) - 1)}}}", r"\toprule", " & ".join(map(latex, HEADS)) + r" \\"]
    return "\n".join([f"% {note}", *head, r"\midrule", *body, r"\bottomrule", r"\end{tabular}"]) + "\n"
