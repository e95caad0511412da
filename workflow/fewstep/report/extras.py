"""What methods score themselves on held-out images, as lines of text and as CSV, Markdown and LaTeX."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from fewstep.report.formatting import NOT_APPLICABLE, column_decimals, latex, markdown, plain
from fewstep.report.listings import scores_to_csv, write_formats
from fewstep.report.quantities import Quantity, describe
from fewstep.report.summary import CELL, label

HEADS = ("Method", "NFE", "Score", "Value", "N", "Meaning")
ANY = "any"  # in place of an NFE: the score is of the network, however it is sampled
_BEFORE, _AFTER = "_before", "_after"
_NUMBERS = ["value", "standard_error", "ci_low", "ci_high", "reason", "n_samples"]


class Line(NamedTuple):
    """One score of one variant, or of one of its NFE: names, then how it is told."""

    method: str
    variant: str
    label: str
    nfe: str
    score: str
    value: str
    count: str
    meaning: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Text under HEADS."""
        return self[2:]


def lines(extras: pd.DataFrame, dataset: str, cards: Mapping[str, dict]) -> list[Line]:
    """Every score of a data set, by method, variant and NFE; what was scored before and after shares a line."""
    found = []
    for (method, variant, _), rows in extras[extras.dataset == dataset].groupby(CELL, sort=True):
        scores = {row.metric: row for row in rows.itertuples()}
        for metric, row in scores.items():
            if metric.endswith(_BEFORE) and metric.replace(_BEFORE, _AFTER) in scores:
                continue
            before = scores.get(metric.replace(_AFTER, _BEFORE)) if metric.endswith(_AFTER) else None
            found.append(_line(row, before, label(method, variant, cards)))
    return found


def _line(row, before, name: str) -> Line:
    quantity = describe(row.metric)
    value = " → ".join(number(each, quantity) for each in (before, row) if each is not None)
    score = f"{quantity.heading} {quantity.arrow}".strip()
    nfe = str(row.nfe) if row.nfe else ANY
    return Line(row.method, row.variant, name, nfe, score, value, f"{row.n_samples:,}", quantity.meaning)


def number(row, quantity: Quantity) -> str:
    """The value of a row of scores with half of its 95 % interval, in the unit of its quantity, or why it has none."""
    if pd.notna(row.reason):
        return f"{NOT_APPLICABLE} ({row.reason})"
    half = (row.ci_high - row.ci_low) / 2 * quantity.scale
    places = column_decimals([half])
    return plain(row.value * quantity.scale, places) + (f" ± {plain(half, places)}" if half > 0 else "")


def write_extras(extras: pd.DataFrame, datasets: Sequence[str], cards: Mapping[str, dict], out_dir: str | Path) -> None:
    """Write `extras_<dataset>` as .csv (full precision), .md and .tex."""
    for dataset in datasets:
        told = lines(extras, dataset, cards)
        raw = to_csv(extras[extras.dataset == dataset], cards)
        write_formats(Path(out_dir) / f"extras_{dataset}", csv=raw, md=to_markdown(told), tex=to_latex(told))


def to_csv(extras: pd.DataFrame, cards: Mapping[str, dict]) -> str:
    """RFC 4180 with the raw values."""
    return scores_to_csv(extras, _NUMBERS, lambda method, variant: label(method, variant, cards))


def to_markdown(told: Sequence[Line]) -> str:
    """A GitHub table."""
    rules = (":--", "--:", ":--", "--:", "--:", ":--")
    rows = [HEADS, rules, *([markdown(cell) for cell in line.cells] for line in told)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def to_latex(told: Sequence[Line]) -> str:
    """A booktabs table."""
    rows = [" & ".join(map(latex, line.cells)) + r" \\" for line in told]
    head = [r"\begin{tabular}{lrlrrl}", r"\toprule", " & ".join(HEADS) + r" \\", r"\midrule"]
    return "\n".join([*head, *rows, r"\bottomrule", r"\end{tabular}"]) + "\n"
