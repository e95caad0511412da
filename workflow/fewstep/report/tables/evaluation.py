"""What methods score themselves on held-out images: likelihoods, reconstructions, projections."""

from collections.abc import Iterator, Mapping

import pandas as pd

from fewstep.report.inputs import Run
from fewstep.report.summary import CELL, label
from fewstep.report.tables import score_text as scores
from fewstep.report.tables.model import WHO, File, Head, Row, Table
from fewstep.results import views
from fewstep.results.pooling import pool_rows
from fewstep.results.quantities import describe

HEADS = (*WHO, Head("Score", left=True), Head("Value"), Head("N"), Head("Meaning", left=True))
ANY = "any"  # in place of an NFE: the score is of the network, however it is sampled
_BEFORE, _AFTER = "_before", "_after"
_CAPTION = (
    "Scores of single methods on held-out real images, with half of the 95 % interval; arrows say which way is better"
)
_NOTE = (
    f"NFE: of the samples that a score is about; {ANY}: it is of the network, however it is sampled. Equal N are the "
    "same images."
)


def files(run: Run, dataset: str) -> Iterator[File]:
    """`evaluation_<dataset>`, also of a data set without such scores."""
    rows = views.of_evaluation(run.scores, dataset)
    raw = scores.raw(rows, lambda method, variant: label(method, variant, run.cards))
    yield File(f"evaluation_{dataset}", [table(rows, run.cards)], raw)


def table(rows: pd.DataFrame, cards: Mapping[str, dict]) -> Table:
    """Every score, by method, variant and NFE; what was scored before and after shares a line."""
    lines = []
    for (method, variant, _), cell in pool_rows(rows, [*CELL, "metric"]).groupby(CELL, sort=True):
        found = {row.metric: row for row in cell.itertuples()}
        for metric, row in found.items():
            if metric.endswith(_BEFORE) and metric.replace(_BEFORE, _AFTER) in found:
                continue
            before = found.get(metric.replace(_AFTER, _BEFORE)) if metric.endswith(_AFTER) else None
            lines.append(_line(row, before, label(method, variant, cards)))
    return Table(_CAPTION, HEADS, tuple(lines), (_NOTE,))


def _line(row, before, name: str) -> Row:
    quantity = describe(row.metric)
    value = " → ".join(scores.number(each, quantity) for each in (before, row) if each is not None)
    nfe = str(row.nfe) if row.nfe else ANY
    cells = (name, nfe, Head.of(quantity).title, value, f"{row.n_samples:,}", quantity.meaning)
    return Row(row.method, row.variant, row.nfe, cells)
