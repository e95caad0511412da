"""What trained classifiers and observers say of the samplers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from fewstep.plan.profile import is_classified
from fewstep.report.formatting import NOT_APPLICABLE
from fewstep.report.inputs import Run
from fewstep.report.summary import CELL, FLOOR, label
from fewstep.report.tables import score_text as scores
from fewstep.report.tables.model import SAMPLER, File, Head, Row, Table
from fewstep.results import views
from fewstep.results.pooling import pool_rows
from fewstep.results.published import published
from fewstep.results.quantities import describe

MOST_CLASSES = 20  # of a table with a column for each
_CONTROLS = {
    "train": "Real training images",
    "shuffled": "Real training images, labels shuffled",
    "test": "Real test images",
    "held_out": "Real images against real images",
    "noisy": "Real images with a trace of noise, under an unrestricted observer",
    "untrained": "An untrained network",
}
_NOTES = {
    "accuracy": (
        "Classifiers are trained from scratch on the samples alone, for fixed epochs, and the last epoch counts; the "
        "spread between their seeds is part of the interval. A generator that copies its training images scores like "
        "them: beside the score stands how often a sample is nearer to the training set than a held-out image is (50 % "
        "for new images of the kind, more for copies, less for samples off the data), and the share that is all but a "
        "copy. With shuffled labels the score must be chance. A Frechet distance for each class would say little at "
        "this number of images; accuracies and shares of classes do."
    ),
    "fool-rate": (
        "A small network is trained for each sampler (the generalist for all of them) on samples and on as many real"
        " images that no sampler was trained on, and tested on others. No person takes part. It sees but the first "
        "bits of each grey level. Real against real images must come out at 50 %, an untrained network near 0. An "
        "unrestricted observer, who sees all 8 bits and learns for longer from half of the held-out images, gets noise "
        "of one grey level, which no eye notices. In clean images, such as digits, it finds the noise, at least in "
        "pairs of an image with it and the same one without. By such traces it would know every sampler; therefore "
        "the others see and learn less. Enlarged images are also compared each with the one it belongs to, by "
        "observers who see the input beside both, and by others who do not; of real against real images each has its"
        " own input."
    ),
}


def files(run: Run, dataset: str) -> Iterator[File]:
    """`classifiers_<dataset>`, of a data set for which the profile asks for such scores."""
    if is_classified(run.config["datasets"][dataset]):
        rows = views.of_classifiers(run.scores, dataset)
        raw = scores.raw(rows, lambda method, variant: _name(method, variant, run.cards), [*scores.NUMBERS, "fits"])
        yield File(f"classifiers_{dataset}", list(tables(rows, run.cards).values()), raw)


def tables(rows: pd.DataFrame, cards: Mapping[str, dict]) -> dict[str, Table]:
    """The accuracy scores of a data set, the same by class, and the fool rates: those that there are.

    The best sampler comes first, controls come last.
    """
    rows = pool_rows(rows, [*CELL, "metric"])
    classes = sorted(int(m.removeprefix("cas_class_")) for m in rows.metric.unique() if m.startswith("cas_class_"))
    found = {
        "accuracy": _table(
            "accuracy",
            "Classification accuracy score: accuracy on the real test images of classifiers trained on samples with the"
            " labels of the training set, one for each training image",
            rows,
            ("cas", "cas_ratio", "nearer_to_training", "training_copies"),
            cards,
        ),
        "accuracy-by-class": _by_class(rows, classes, cards) if len(classes) <= MOST_CLASSES else None,
        "accuracy-published": _against_published(rows, cards),
        "fool-rate": _table(
            "fool-rate",
            "Machine fool rate: how often an observer finds a sample more real than a real image; 50 % is chance",
            rows,
            ("fool_rate", "fool_rate_generalist", "fool_rate_paired", "fool_rate_input_shown"),
            cards,
        ),
    }
    return {name: table for name, table in found.items() if table is not None and table.rows}


def _table(name: str, caption: str, rows: pd.DataFrame, metrics: Sequence[str], cards: Mapping[str, dict]) -> Table:
    metrics = [m for m in metrics if m in set(rows.metric)]
    lines = []
    for cell, found in _cells(rows[rows.metric.isin(metrics)], metrics[0] if metrics else ""):
        words = [scores.number(found[m], describe(m)) if m in found else NOT_APPLICABLE for m in metrics]
        lines.append(_row(cell, words, cards))
    heads = (*SAMPLER, *(Head.of(describe(m)) for m in metrics))
    return Table(caption, heads, tuple(lines), (_NOTES[name],))


def _against_published(rows: pd.DataFrame, cards: Mapping[str, dict]) -> Table | None:
    """What papers report of the same methods, beside the best sampler of each here."""
    best: dict[str, tuple[tuple, Any]] = {}
    for cell, found in _cells(rows[(rows.metric == "cas") & (rows.variant != "shuffled")], "cas"):
        best.setdefault(cell[0], (cell, found["cas"]))
    reported = published("cas")
    if not any(row.method in best for row in reported if row.method != FLOOR):
        return None
    lines = []
    for row in reported:
        value = f"{describe('cas').scale * row.value:.2f}"
        cell, found = best.get(row.method, ((FLOOR, "", 0), None))
        here = _row(cell, [scores.number(found, describe("cas"))], cards).cells if found else (NOT_APPLICABLE,) * 3
        lines.append(Row(*cell, (row.model, value, row.source, *here)))
    ranked = sorted((best[row.method] for row in reported if row.method in best), key=lambda each: -each[1].value)
    caption = (
        f"Published accuracy scores ({reported[0].data} pixels, {reported[0].network}) beside the best sampler of the"
        " same method here: other data and other networks, so that no more than the order can agree. Here, with ≈ where"
        f" intervals overlap: {_order(ranked, cards)}"
    )
    heads = ("CAS [%]", "Source", "Sampler here", "NFE", "CAS here [%]")
    return Table(caption, (Head("Published", left=True), *map(Head, heads)), tuple(lines))


def _order(ranked: Sequence[tuple[tuple, Any]], cards: Mapping[str, dict]) -> str:
    """Names from the highest score to the lowest: a > b ≈ c."""
    text = ""
    for i, ((method, variant, _), score) in enumerate(ranked):
        if i:
            text += " > " if score.ci_high < ranked[i - 1][1].ci_low else " ≈ "
        text += _name(method, variant, cards)
    return text


def _by_class(rows: pd.DataFrame, classes: Sequence[int], cards: Mapping[str, dict]) -> Table:
    caption = "The same by class, in %, and in brackets how much less or more it is than after training on real images"
    lines = [
        _row(cell, [_class(found, k) for k in classes], cards) for cell, found in _cells(rows, "cas") if "cas" in found
    ]
    return Table(caption, (*SAMPLER, *(Head(f"class {k}") for k in classes)), tuple(lines))


def _class(found: Mapping[str, Any], k: int) -> str:
    share = f"{100 * found[f'cas_class_{k}'].value:.0f}"
    if f"cas_gap_{k}" not in found:
        return share
    gap = f"{100 * found[f'cas_gap_{k}'].value:+.0f}".replace("-", "−")
    return f"{share} ({gap})"


def _cells(rows: pd.DataFrame, best: str) -> Iterator[tuple[tuple, dict]]:
    """Each (method, variant, nfe) with its rows by metric: samplers before controls, high values of `best` first."""
    found = [(cell, {row.metric: row for row in here.itertuples()}) for cell, here in rows.groupby(CELL, sort=True)]
    yield from sorted(found, key=lambda each: (each[0][0] == FLOOR, -each[1][best].value if best in each[1] else 0))


def _row(cell: tuple, words: Sequence[str], cards: Mapping[str, dict]) -> Row:
    method, variant, nfe = cell
    cells = (_name(method, variant, cards), str(nfe) if nfe else NOT_APPLICABLE, *words)
    return Row(method, variant, nfe, cells, floor=method == FLOOR)


def _name(method: str, variant: str, cards: Mapping[str, dict]) -> str:
    return _CONTROLS[variant] if method == FLOOR else label(method, variant, cards)
