"""From a summary to tables of numbers: one row per cell, or one per variant with a column for each NFE."""

import math
from collections.abc import Sequence

import pandas as pd

from fewstep.plan.cells import IMPORTED
from fewstep.report.formatting import NOT_APPLICABLE, column_decimals, evaluations, plain
from fewstep.report.ranking import rank
from fewstep.report.summary import EXPECTED, Column, Summary
from fewstep.report.tables.model import WHO, Head, Number, Raw, Row, Table

LEGEND = (
    "Best bold, second underlined; • a tie: not the best, but the 95 % interval of its difference to the "
    "best holds 0. ± is half of the 95 % interval."
)
_EXPECTED = (
    "Real images (expected at this N): what real images would score if they were as many as the samples, with labels "
    "drawn like theirs: the floor of the distances. Those that were held out (test) mostly are a fixed number of each "
    "class, which lie nearer."
)
SPEED_LEGEND = (
    "Best bold, second underlined; • a tie with the best within the spread of the timings. ± is half of the "
    "distance between the quartiles (images/s) or half of the 95 % interval (relative speed). Timings of a busy "
    "machine are shown, but not ranked."
)


def notes(summary: Summary) -> list[str]:
    """What a table of a summary's scores must say: what the expected floor is, and which scores are missing and why."""
    return [*([_EXPECTED] if (summary.floor.variant == EXPECTED).any() else []), *summary.missing]


def trainings(frame: pd.DataFrame) -> str:
    """Of which kind the intervals of a summary's scores are: of other samples, or of other trainings too."""
    of_others = frame.variant == IMPORTED
    counts = frame[~frame.floor & ~of_others].dropna(subset=["trainings"])
    several = counts[counts.trainings > 1]
    if counts.empty and of_others.any():
        return "Intervals are those of other samples of the same generator."
    if several.empty:
        return "Every network was trained once: intervals are those of other samples of the same network."
    names = ", ".join(dict.fromkeys(several.label))
    few, many = int(several.trainings.min()), int(several.trainings.max())
    how = f"Intervals of {names} hold the spread between {few if few == many else f'{few} to {many}'} trainings"
    others = "" if len(several) == len(counts) else "; all others are those of other samples of a network trained once"
    return f"{how}{others}."


def declared(frame: pd.DataFrame) -> list[str]:
    """Whose NFE was not measured: that of samples that someone else made."""
    made = frame[frame.variant == IMPORTED]
    known, unknown = (", ".join(dict.fromkeys(made.label[rows])) for rows in (made.nfe > 0, made.nfe == 0))
    their = "their makers declare" if "," in known else "its maker declares"
    return [
        *[f"The NFE of {known} is what {their}; it was not measured."] * bool(known),
        *[f"The NFE of {unknown} is not known."] * bool(unknown),
    ]


def heads(columns: Sequence[Column]) -> tuple[Head, ...]:
    """Headings of columns; where scores (or speeds) differ in their context, each heading says its own."""
    contexts = {timed: {c.context for c in columns if c.timed == timed} for timed in (False, True)}
    return tuple(
        Head(c.quantity.heading + (f", {c.context}" if len(contexts[c.timed]) > 1 else ""), c.key,
             c.quantity.direction, c.context, c.quantity.meaning)
        for c in columns
    )  # fmt: skip


def decimals(frame: pd.DataFrame, column: Column) -> int | None:
    """Decimals of a column, as its intervals ask."""
    return column_decimals((frame[column.high] - frame[column.low]) / 2 * column.quantity.scale)


def numbers(frame: pd.DataFrame, column: Column, places: int | None = None) -> list[Number]:
    """A column's cells with `places` decimals, or as intervals ask; neither the floor nor noisy timings are ranked.

    What the floor lacks is not applicable, and so is the speed of samples that someone else made.
    """
    scale = column.quantity.scale
    values, lows, highs = (frame[k].to_numpy(float) for k in (column.key, column.low, column.high))
    ranked = ~frame.floor.to_numpy(bool)
    if column.quantity.clocked:
        ranked &= ~frame.noisy.to_numpy(bool)
    marks = iter(rank(values[ranked], lows[ranked], highs[ranked], column.quantity.direction))
    is_unasked = frame.floor.to_numpy(bool) | (column.timed & (frame.variant == IMPORTED).to_numpy(bool))
    halves = (highs - lows) / 2 * scale
    if places is None:
        places = column_decimals(halves)
    return [
        Number(value, low, high, NOT_APPLICABLE if unasked and math.isnan(value) else plain(value * scale, places),
               _error(half, places), next(marks) if is_ranked else frozenset())
        for value, low, high, half, is_ranked, unasked in zip(values, lows, highs, halves, ranked, is_unasked,
                                                              strict=True)
    ]  # fmt: skip


def _error(half: float, decimals: int | None) -> str:
    return plain(half, decimals) if half > 0 else ""


def table(frame: pd.DataFrame, columns: Sequence[Column], caption: str, notes: Sequence[str]) -> Table:
    """One row per row of a summary's frame, one column per quantity.

    Columns that only the floor has (it may have another N) stand in a note: nothing compares with them.
    """
    shared = [c for c in columns if frame.loc[~frame.floor, c.key].notna().any()]
    found = {c.key: numbers(frame, c) for c in shared}
    rows = [
        Row(row.method, row.variant, int(row.nfe),
            (row.label, NOT_APPLICABLE if row.floor else evaluations(int(row.nfe)), *(found[c.key][i] for c in shared)),
            row.family, bool(row.floor))
        for i, row in enumerate(frame.itertuples())
    ]  # fmt: skip
    alone = [c for c in columns if c not in shared and frame[c.key].notna().any()]
    return Table(caption, (*WHO, *heads(shared)), tuple(rows), (*notes, *_floor_notes(frame, alone)))


def _floor_notes(frame: pd.DataFrame, columns: Sequence[Column]) -> list[str]:
    if not columns:
        return []
    known = frame[frame.floor]
    texts = [f"{c.quantity.heading} {numbers(known[known[c.key].notna()], c)[0].text}" for c in columns]
    return [f"Real images at {columns[0].context}, which is not the N of the samples: {', '.join(texts)}."]


def table_by_nfe(summary: Summary, column: Column, caption: str, notes: Sequence[str]) -> Table:
    """One row per (method, variant), one column per NFE; each NFE is ranked by itself."""
    frame = summary.frame
    settings = sorted(frame.loc[~frame.floor, "nfe"].unique())
    names = frame.drop_duplicates(["method", "variant"])
    places = decimals(frame, column)
    cells = {}
    for nfe in settings:
        here = frame[(frame.nfe == nfe) & ~frame.floor]
        found = zip(zip(here.method, here.variant, strict=True), numbers(here, column, places), strict=True)
        cells |= {(*who, nfe): number for who, number in found}
    missing = Number(math.nan, math.nan, math.nan, NOT_APPLICABLE, "", frozenset())
    rows = [
        Row(row.method, row.variant, None,
            (row.label, *(cells.get((row.method, row.variant, nfe), missing) for nfe in settings)), row.family)
        for row in names[~names.floor].itertuples()
    ]  # fmt: skip
    (head,) = heads([column])
    columns = [
        Head(f"{evaluations(n)} NFE", f"nfe{n:04d}", head.direction, head.context, head.meaning) for n in settings
    ]
    return Table(caption, (WHO[0], *columns), tuple(rows), (*notes, f"{NOT_APPLICABLE} not asked for."))


def raw(table: Table) -> Raw:
    """Whose numbers, then `key`, `key_low` and `key_high` of every column with full precision."""
    by_nfe = any(row.nfe is None for row in table.rows)
    keys = [head.key for head in table.heads if head.key]
    names = [f"{key}{part}" for key in keys for part in ("", "_low", "_high")]
    rows = []
    for row in table.rows:
        who = [row.method, row.variant, row.label, row.family, *([] if row.nfe is None else [row.nfe])]
        found = [cell for cell in row.cells if isinstance(cell, Number)]
        rows.append(who + [value for n in found for value in (n.value, n.low, n.high)])
    return Raw(["method", "variant", "label", "family", *([] if by_nfe else ["nfe"]), *names], rows)
