"""From answers and key to fool rates: who is left out, and how far the rates can be trusted."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fewstep.base.errors import FewstepError
from fewstep.base.files import read_json
from fewstep.study.answers import Answers
from fewstep.study.bootstrap import crossed_interval
from fewstep.study.kinds import CATCH, TRIAL
from fewstep.study.outcome import Scores, enough_right

CELL = ["task", "method", "variant", "nfe"]


def find_key(answers: Sequence[Answers], keys: Iterable[Path]) -> dict[str, Any]:
    """The key of the study that was answered, among files that are named after their studies.

    Raises:
        FewstepError: no answers, answers of two studies, or no such key.
    """
    by_study = {path.stem: path for path in keys}
    first = answers[0]
    for other in answers:
        if other.study != first.study:
            raise FewstepError(f"{other.path}: this is of study {other.study}, but {first.path.name} of {first.study}.")
    if first.study not in by_study:
        raise FewstepError(
            f"{first.path}: there is no key of study {first.study} (known: {', '.join(by_study) or 'none'})."
        )
    return read_json(by_study[first.study])


def score(answers: Sequence[Answers], key: Mapping[str, Any], seed: int = 0) -> Scores:
    """Fool rates of every cell and task, and what is to be known of the raters.

    Raises:
        FewstepError: an answer to a trial that the study has not, or no rater that counts.
    """
    table = pd.DataFrame([row for each in answers for row in _rows(each, key["trials"])])
    raters = pd.DataFrame([_rater(name, rows) for name, rows in table.groupby("rater", sort=True)])
    kept = set(raters.loc[raters.counts, "rater"])
    if not kept:
        raise FewstepError(f"None of {len(raters)} raters answered the catch trials better than a coin would.")
    cells = table[table.kind == TRIAL].astype({"nfe": int}).groupby(CELL, sort=True)
    rates = [dict(zip(CELL, cell, strict=True)) | _rate(rows, kept, seed) for cell, rows in cells]
    return Scores(pd.DataFrame(rates), raters)


def _rows(answers: Answers, trials: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Answers with what the key says of them."""
    rows = []
    for answer in answers.answers:
        if answer["trial"] not in trials:
            raise FewstepError(f"{answers.path}: study {answers.study} has no trial {answer['trial']}.")
        trial = trials[answer["trial"]]
        chosen = answer["left"] if answer["choice"] == "left" else {"a": "b", "b": "a"}[answer["left"]]
        rows.append({**trial, **answer, "rater": answers.rater, "fooled": chosen != trial["real"]})
    return rows


def _rater(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    catch, trials = rows[rows.kind == CATCH], rows[rows.kind == TRIAL]
    right = int((~catch.fooled).sum())
    return {
        "rater": name,
        "trials": len(trials),
        "catch_trials": len(catch),
        "catch_right": right,
        "counts": right >= enough_right(len(catch)),
        "left_share": float((rows.choice == "left").mean()),
        "median_answer_s": float(rows.answer_ms.median()) / 1000,
    }


def _rate(rows: pd.DataFrame, kept: set[str], seed: int) -> dict[str, Any]:
    here = rows[rows.rater.isin(kept)]
    interval = crossed_interval(here.fooled.to_numpy(bool), here.rater.to_numpy(), here.item.to_numpy(), seed)
    return {
        "fool_rate": float(here.fooled.mean()),
        "ci_low": interval.low,
        "ci_high": interval.high,
        "raters": here.rater.nunique(),
        "items": here.item.nunique(),
        "trials": len(here),
        "fool_rate_all_raters": float(rows.fooled.mean()),
    }
