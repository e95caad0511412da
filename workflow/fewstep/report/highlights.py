"""The lines that a reader wants first: who is best at few evaluations, and who is fast enough."""

import pandas as pd

from fewstep.report.blocks import Answer
from fewstep.report.embed import mark
from fewstep.report.formatting import NOT_AVAILABLE, evaluations, plain
from fewstep.report.ranking import BEST, TIE
from fewstep.report.style import Style
from fewstep.report.summary import Column, Summary
from fewstep.report.tables.model import Number
from fewstep.report.tables.numbers import decimals, numbers

_TIE = "Tie with"
WITHIN = 2  # the fastest is sought among cells whose distance is at most this many times the best


def answers(summary: Summary, style: Style) -> list[Answer]:
    """At most four answers: best at 1, at 2 and at any NFE, and the fastest within twice the best distance.

    The fastest is sought among the timings of a quiet machine.

    A question that no cell can answer is left out.
    """
    distance, speed = summary.distance, summary.find("images_per_second")
    if distance is None or summary.ranked[distance.key].notna().sum() == 0:
        return []
    rows = summary.ranked.dropna(subset=[distance.key])
    questions = [(f"Best at {n} NFE", rows[rows.nfe == n]) for n in (1, 2)] + [("Best at any NFE", rows)]
    found = [_best(question, here, distance, summary, style) for question, here in questions if len(here)]
    timed = rows[~rows.noisy].dropna(subset=[speed.key]) if speed is not None else rows[:0]
    if len(timed):
        found.append(_fastest(timed, distance, speed, summary, style))
    return found


def headline(summary: Summary, style: Style) -> str:
    """One sentence: the best cell, and what one evaluation gives and saves."""
    found = {answer.question: answer for answer in answers(summary, style)}
    best, one = found.get("Best at any NFE"), found.get("Best at 1 NFE")
    if best is None:
        return "Nothing was scored in this run."
    sentence = f"{best.label}{_at(best)} comes closest to the real images, with {_value(best)}."
    if one is None or best.nfe == one.nfe:
        return sentence
    sentence += f" In a single evaluation, {one.label} reaches {_value(one)}"
    # Jobs at different times: only their ratios to the calibration network can be set against each other.
    speed = summary.find("relative_throughput")
    if speed is None:
        return sentence + "."
    rates = {row_id(summary.dataset, row): row[speed.key] for _, row in summary.ranked.iterrows()}
    ratio = rates[one.row] / rates[best.row]
    return sentence + (f" at {plain(ratio, 0 if ratio >= 10 else 1)} times the throughput." if ratio > 0 else ".")


def _at(answer: Answer) -> str:
    return "" if answer.nfe == NOT_AVAILABLE else f" at {answer.nfe} NFE"


def _value(answer: Answer) -> str:
    tie = f" ({answer.detail[0].lower()}{answer.detail[1:]})" if answer.detail.startswith(_TIE) else ""
    return f"{answer.unit} {answer.value}" + (f" ± {answer.error}" if answer.error else "") + tie


def row_id(dataset: str, row) -> str:
    """Id of a cell's line in the main table of a data set."""
    return f"table-{dataset}-{row.method}-{row.variant}-{row.nfe}"


def _best(question: str, rows: pd.DataFrame, distance: Column, summary: Summary, style: Style) -> Answer:
    rows = rows.sort_values(distance.key, kind="stable")
    found = numbers(rows, distance, decimals(summary.frame, distance))
    several = rows.nfe.nunique() > 1
    detail = _tied(rows, found, several)
    if not detail and len(rows) > 1:
        detail = f"Next: {_name(rows.iloc[1], several)}, {found[1].text}"
    return _answer(question, rows.iloc[0], found[0], distance, detail or "The only one measured here", summary, style)


def _fastest(rows: pd.DataFrame, distance: Column, speed: Column, summary: Summary, style: Style) -> Answer:
    limit = WITHIN * rows[distance.key].min()
    near = rows[rows[distance.key] <= limit].sort_values(speed.key, ascending=False, kind="stable")
    found = numbers(near, speed, decimals(summary.frame, speed))
    places = decimals(summary.frame, distance)
    reached = numbers(near, distance, places)[0].text
    largest = plain(limit * distance.quantity.scale, places)
    name = distance.quantity.label
    tied = _tied(near, found, several=True)
    detail = f"{name} {reached}" + (f". {tied}" if tied else "")
    question = f"Fastest with {name} ≤ {largest}, twice the best"
    return _answer(question, near.iloc[0], found[0], speed, detail, summary, style)


def _tied(rows: pd.DataFrame, found: list[Number], several: bool) -> str:
    """Names the rows that tie with the first one."""
    tied = [rows.iloc[i] for i in range(1, len(rows)) if {BEST, TIE} & found[i].marks]
    if not tied:
        return ""
    more = f" and {len(tied) - 2} more" if len(tied) > 2 else ""
    return f"{_TIE} {', '.join(_name(row, several) for row in tied[:2])}{more}"


def _name(row: pd.Series, several: bool) -> str:
    """The label, with its NFE where rows differ in it."""
    return f"{row.label} ({evaluations(row.nfe)})" if several else row.label


def _answer(
    question: str, row: pd.Series, number: Number, column: Column, detail: str, summary: Summary, style: Style
) -> Answer:
    return Answer(
        question=question,
        label=row.label,
        nfe=evaluations(int(row.nfe)),
        mark=mark(style.look(row.method, row.variant)),
        value=number.text,
        error=number.error,
        unit=column.quantity.heading,
        detail=detail,
        row=row_id(summary.dataset, row),
    )
