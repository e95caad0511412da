"""What trained classifiers and observers say of the samplers, as lines of text and as CSV, Markdown and LaTeX."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fewstep.report.extras import number
from fewstep.report.formatting import NOT_APPLICABLE
from fewstep.report.listings import Line, Listing, scores_to_csv, to_latex, to_markdown, write_formats
from fewstep.report.published import published
from fewstep.report.quantities import describe
from fewstep.report.summary import CELL, FLOOR, label

MOST_CLASSES = 20  # of a table with a column for each
_CONTROLS = {
    "train": "Real training images",
    "shuffled": "Real training images, labels shuffled",
    "test": "Real test images",
    "held_out": "Real images against real images",
    "noisy": "Real images with a trace of noise, under a keen observer",
    "untrained": "An untrained network",
}
_NUMBERS = ["value", "standard_error", "ci_low", "ci_high", "reason", "n_samples", "fits"]


def listings(table: pd.DataFrame, dataset: str, cards: Mapping[str, dict]) -> list[Listing]:
    """The accuracy scores of a data set, the same by class, and the fool rates: those that there are.

    The best sampler comes first, controls come last.
    """
    here = table[table.dataset == dataset]
    classes = sorted(int(m.removeprefix("cas_class_")) for m in here.metric.unique() if m.startswith("cas_class_"))
    found = [
        _listing(
            "accuracy",
            "Classification accuracy score: accuracy on the real test images of classifiers trained on samples with the"
            " labels of the training set, one for each training image",
            here,
            ("cas", "cas_ratio", "nearer_to_training", "training_copies"),
            cards,
        ),
        _by_class(here, classes, cards) if len(classes) <= MOST_CLASSES else None,
        _against_published(here, cards),
        _listing(
            "fool-rate",
            "Machine fool rate: how often an observer finds a sample more real than a real image; 50 % is chance",
            here,
            ("fool_rate", "fool_rate_generalist", "fool_rate_paired", "fool_rate_input_shown"),
            cards,
        ),
    ]
    return [listing for listing in found if listing is not None and listing.lines]


def _listing(
    name: str, caption: str, table: pd.DataFrame, metrics: Sequence[str], cards: Mapping[str, dict]
) -> Listing:
    metrics = [m for m in metrics if m in set(table.metric)]
    heads = [f"{describe(m).heading} {describe(m).arrow}".strip() for m in metrics]
    lines = []
    for cell, scores in _cells(table[table.metric.isin(metrics)], metrics[0] if metrics else ""):
        told = [number(scores[m], describe(m)) if m in scores else NOT_APPLICABLE for m in metrics]
        lines.append(_line(cell, told, cards))
    return Listing(name, caption, ("Sampler", "NFE", *heads), lines)


def _against_published(table: pd.DataFrame, cards: Mapping[str, dict]) -> Listing | None:
    """What papers report of the same methods, beside the best sampler of each here."""
    best: dict[str, tuple[tuple, Any]] = {}
    for cell, scores in _cells(table[(table.metric == "cas") & (table.variant != "shuffled")], "cas"):
        best.setdefault(cell[0], (cell, scores["cas"]))
    told = published("cas")
    if not any(row.method in best for row in told if row.method != FLOOR):
        return None
    lines = []
    for row in told:
        score = describe("cas").scale * row.value
        cell, found = best.get(row.method, ((FLOOR, "", 0), None))
        here = _line(cell, [number(found, describe("cas"))], cards).cells if found else (NOT_APPLICABLE,) * 3
        lines.append(Line(*cell[:2], (row.model, f"{score:.2f}", row.source, *here)))
    ranked = sorted((best[row.method] for row in told if row.method in best), key=lambda each: -each[1].value)
    caption = (
        f"Published accuracy scores ({told[0].data} pixels, {told[0].network}) beside the best sampler of the same"
        " method here: other data and other networks, so that no more than the order can agree. Here, with ≈ where"
        f" intervals overlap: {_order(ranked, cards)}"
    )
    return Listing(
        "accuracy-published", caption, ("Published", "CAS [%]", "Source", "Sampler here", "NFE", "CAS here [%]"), lines
    )


def _order(ranked: Sequence[tuple[tuple, Any]], cards: Mapping[str, dict]) -> str:
    """Names from the highest score to the lowest: a > b ≈ c."""
    text = ""
    for i, ((method, variant, _), score) in enumerate(ranked):
        if i:
            text += " > " if score.ci_high < ranked[i - 1][1].ci_low else " ≈ "
        text += _name(method, variant, cards)
    return text


def _by_class(table: pd.DataFrame, classes: Sequence[int], cards: Mapping[str, dict]) -> Listing:
    caption = "The same by class, in %, and in brackets how much less or more it is than after training on real images"
    lines = []
    for cell, scores in _cells(table, "cas"):
        if "cas" in scores:
            lines.append(_line(cell, [_class(scores, k) for k in classes], cards))
    return Listing("accuracy-by-class", caption, ("Sampler", "NFE", *(f"class {k}" for k in classes)), lines)


def _class(scores: Mapping[str, Any], k: int) -> str:
    share = f"{100 * scores[f'cas_class_{k}'].value:.0f}"
    if f"cas_gap_{k}" not in scores:
        return share
    gap = f"{100 * scores[f'cas_gap_{k}'].value:+.0f}".replace("-", "−")
    return f"{share} ({gap})"


def _cells(table: pd.DataFrame, best: str) -> Iterator[tuple[tuple, dict]]:
    """Each (method, variant, nfe) with its rows by metric: samplers before controls, high values of `best` first."""
    found = [
        (cell, {row.metric: row for row in rows.itertuples()})
        for cell, rows in table.groupby(CELL, sort=True)
    ]  # fmt: skip
    yield from sorted(found, key=lambda each: (each[0][0] == FLOOR, -each[1][best].value if best in each[1] else 0))


def _line(cell: tuple, told: Sequence[str], cards: Mapping[str, dict]) -> Line:
    method, variant, nfe = cell
    return Line(method, variant, (_name(method, variant, cards), str(nfe) if nfe else NOT_APPLICABLE, *told))


def _name(method: str, variant: str, cards: Mapping[str, dict]) -> str:
    return _CONTROLS[variant] if method == FLOOR else label(method, variant, cards)


def write_classifiers(
    table: pd.DataFrame, datasets: Sequence[str], cards: Mapping[str, dict], out_dir: str | Path
) -> None:
    """Write `classifiers_<dataset>` as .csv (every score, full precision), .md and .tex."""
    for dataset in datasets:
        told = listings(table, dataset, cards)
        write_formats(
            Path(out_dir) / f"classifiers_{dataset}",
            csv=to_csv(table[table.dataset == dataset], cards),
            md="\n".join(map(to_markdown, told)),
            tex="\n".join(map(to_latex, told)),
        )


def to_csv(table: pd.DataFrame, cards: Mapping[str, dict]) -> str:
    """RFC 4180 with the raw values."""
    return scores_to_csv(table, _NUMBERS, lambda method, variant: _name(method, variant, cards))
