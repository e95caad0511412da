"""One row per (method, variant, NFE) of a data set: scores pooled over the seeds, joined with the speed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from fewstep.report.speed_cells import SPEED_QUANTITIES, noisy_cells, speed_cells
from fewstep.results import quantities
from fewstep.results.pooling import pooled, with_shared
from fewstep.results.quantities import Quantity

FLOOR = "data"  # the method name of held-out real images: shown as a floor, never ranked
EXPECTED = "expected"  # the variant of what as many real images as samples would score
CELL = ["method", "variant", "nfe"]
_NAMED = 3  # cells that a sentence about missing scores names


@dataclass(frozen=True)
class Column:
    """One column of comparable numbers: `key`, `key_low` and `key_high` of a summary's frame.

    `context` says what the numbers share (how many samples, or which machine); numbers of another context are
    another column.
    """

    key: str
    quantity: Quantity
    context: str
    timed: bool = False  # a speed; otherwise a score

    @property
    def low(self) -> str:
        return f"{self.key}_low"

    @property
    def high(self) -> str:
        return f"{self.key}_high"


@dataclass(frozen=True)
class Summary:
    """What is known of one data set.

    `frame` has method, variant, nfe, label, family, floor (bool), noisy (bool: timed on a busy machine), trainings and
    seeds (how many), and three columns per Column, NaN where a cell that the profile compares has no number. `missing`
    says of scores that could not be given why.
    """

    dataset: str
    frame: pd.DataFrame
    quality: tuple[Column, ...]
    speed: tuple[Column, ...]
    missing: tuple[str, ...] = ()

    @property
    def distance(self) -> Column | None:
        """The headline: FID where there is one, else the first Frechet distance that samples have."""
        found = [c for c in self.quality if quantities.is_distance(c.quantity.name)]
        return max(found, key=lambda c: self.ranked[c.key].notna().any(), default=None)

    def find(self, name: str) -> Column | None:
        """The column with the most numbers among those of one quantity."""
        found = [c for c in self.quality + self.speed if c.quantity.name == name]
        return max(found, key=lambda c: self.frame.loc[~self.frame.floor, c.key].count(), default=None)

    @property
    def ranked(self) -> pd.DataFrame:
        return self.frame[~self.frame.floor]

    @property
    def floor(self) -> pd.DataFrame:
        return self.frame[self.frame.floor]


def summarise(
    scores: pd.DataFrame,
    speed: pd.DataFrame,
    cards: Mapping[str, dict],
    cells: Iterable[Sequence] = (),
    machines: Mapping[str, str] | None = None,
) -> dict[str, Summary]:
    """Summaries by data set, in alphabetical order.

    Args:
        scores: of one task, one row per (cell, training seed, seed, metric).
        speed: of the same task, one row per (cell, machine, dtype, batch); may be empty.
        cards: method cards by name, for labels, families and the order of variants.
        cells: (dataset, method, variant, nfe) that the profile compares; without a number they are empty rows.
        machines: what the hardware ids of speed.csv stand for; an id that is not in it is shown itself.
    """
    speed = speed.assign(hardware=[(machines or {}).get(name, name) for name in speed.hardware])
    cells = [tuple(cell) for cell in cells]
    datasets = {*scores.dataset, *speed.dataset, *(cell[0] for cell in cells)}
    return {
        name: _one(name, scores[scores.dataset == name], speed[speed.dataset == name],
                   cards, [cell[1:] for cell in cells if cell[0] == name])
        for name in sorted(datasets)
    }  # fmt: skip


def _one(dataset: str, scores: pd.DataFrame, speed: pd.DataFrame, cards: Mapping[str, dict], cells: list) -> Summary:
    scores = scores[~scores.metric.map(quantities.is_detail).astype(bool)]
    quality_columns, quality = _pooled(scores[scores.reason.isna()])
    speed_columns, timing = _timed(speed)
    rows = {*quality.index, *timing.index, *((m, v, int(n)) for m, v, n in cells)}
    rows = sorted(rows, key=lambda row: _display_order(row, cards))
    index = pd.MultiIndex.from_tuples(rows, names=CELL)
    frame = pd.concat([quality.reindex(index), timing.reindex(index)], axis=1).reset_index()
    frame["nfe"] = frame.nfe.astype(int)
    frame.insert(3, "label", [label(m, v, cards) for m, v in zip(frame.method, frame.variant, strict=True)])
    frame.insert(4, "family", [cards.get(m, {}).get("family", "") for m in frame.method])
    frame.insert(5, "floor", frame.method == FLOOR)
    disturbed = noisy_cells(speed)
    frame.insert(6, "noisy", [(dataset, m, v, n) in disturbed for m, v, n in frame[CELL].itertuples(index=False)])
    missing = _missing(scores[scores.reason.notna()], cards)
    return Summary(dataset, frame, tuple(quality_columns), tuple(speed_columns), tuple(missing))


def _missing(scores: pd.DataFrame, cards: Mapping[str, dict]) -> list[str]:
    """A sentence for each reason why scores are missing, with whose they are."""
    metrics: dict[tuple, list[str]] = {}
    for (metric, reason), rows in scores.groupby(["metric", "reason"], sort=True):
        cells = tuple(rows[CELL].drop_duplicates().itertuples(index=False, name=None))
        metrics.setdefault((reason, cells), []).append(quantities.describe(metric).heading)
    sentences = []
    for (reason, cells), headings in metrics.items():
        names = [label(m, v, cards) + (f" at {n} NFE" if n else "") for m, v, n in cells]
        whose = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        sentences.append(f"No {' and no '.join(headings)} of {whose}: {reason}.")
    return sentences


def label(method: str, variant: str, cards: Mapping[str, dict]) -> str:
    """How a variant is called: by its card, or by its names where there is none."""
    if method == FLOOR:
        return f"Real images ({variant}{' at this N' if variant == EXPECTED else ''})"
    return cards.get(method, {}).get("variants", {}).get(variant, {}).get("label", f"{method}/{variant}")


def _display_order(row: tuple, cards: Mapping[str, dict]) -> tuple:
    """Methods by name, variants as their card lists them, then NFE; the floor comes last."""
    method, variant, nfe = row
    variants = list(cards.get(method, {}).get("variants", {}))
    place = variants.index(variant) if variant in variants else len(variants)
    return method == FLOOR, method, place, variant, nfe


def _pooled(scores: pd.DataFrame) -> tuple[list[Column], pd.DataFrame]:
    """Pool the rows of every (cell, metric, N, reference, extractor, protocol); the last five name a column."""
    context = ["metric", "n_samples", "reference", "extractor", "protocol"]
    contexts = scores[context].drop_duplicates()
    keys = _keys(contexts)
    protocols = contexts.groupby("metric").protocol.nunique()
    values: dict[tuple, dict] = {}
    for group, rows in with_shared(scores).groupby(CELL + context, sort=True):
        cell, key = group[:3], keys[group[3:]]
        row = values.setdefault((cell[0], cell[1], int(cell[2])), {})
        value, _, low, high = pooled(rows)
        row |= {key: value, f"{key}_low": low, f"{key}_high": high}
        for count, column in (("trainings", rows.training_seed), ("seeds", rows.seed)):
            row[count] = max(row.get(count, 0), column.nunique())
    ordered = sorted(keys.items(), key=lambda item: (*quantities.order(item[0][0]), -item[0][1], item[1]))
    columns = [
        Column(key, quantities.describe(c[0]), f"N = {int(c[1]):,}" + (f", {c[4]}" if protocols[c[0]] > 1 else ""))
        for c, key in ordered
    ]
    return columns, _frame(values, ["trainings", "seeds", *(k for c in columns for k in (c.key, c.low, c.high))])


def _keys(contexts: pd.DataFrame) -> dict[tuple, str]:
    """Column names: metric_n1000, and a counter where what they compare with or how differs at the same N."""
    keys: dict[tuple, str] = {}
    for context in sorted(contexts.itertuples(index=False, name=None)):
        name, n = f"{context[0]}_n{int(context[1])}", 2
        key = name
        while key in keys.values():
            key, n = f"{name}_{n}", n + 1
        keys[context] = key
    return keys


def _timed(speed: pd.DataFrame) -> tuple[list[Column], pd.DataFrame]:
    """Speed columns, one set per (hardware, device, dtype): machines are never mixed in a column."""
    values: dict[tuple, dict] = {}
    columns: list[Column] = []
    groups = list(speed.groupby(["hardware", "device", "dtype"], sort=True))
    for number, ((hardware, device, dtype), rows) in enumerate(groups, start=1):
        suffix = f"_{number}" if len(groups) > 1 else ""
        context = f"{hardware}, {device}, {dtype}"
        columns += [Column(name + suffix, quantities.describe(name), context, timed=True) for name in SPEED_QUANTITIES]
        for cell, numbers in speed_cells(rows).items():
            values.setdefault(cell, {}).update({f"{k}{suffix}{part}": v for (k, part), v in numbers.items()})
    return columns, _frame(values, [k for c in columns for k in (c.key, c.low, c.high)])


def _frame(values: dict[tuple, dict], columns: list[str]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(values or [], names=CELL)
    return pd.DataFrame(list(values.values()), index=index, columns=columns, dtype=float)
