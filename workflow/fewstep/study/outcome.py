"""What a study found, as it is kept beside the results of a run."""

import math
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from fewstep.base.files import write_text

GUESSING = 0.05  # a rater is left out whose catch trials a coin would answer as well with a higher probability


class Scores(NamedTuple):
    """Tables of a study.

    Attributes:
        rates: one row per task and cell: `fool_rate`, `ci_low`, `ci_high` (95 %) in [0, 1], over those raters that
            count; `raters`, `items` and `trials` of these; and `fool_rate_all_raters`.
        raters: one row per rater: `rater`, `trials`, `catch_trials`, `catch_right`, `counts`, `left_share` (of the
            choices) and `median_answer_s`.
    """

    rates: pd.DataFrame
    raters: pd.DataFrame


def write_scores(scores: Scores, folder: str | Path) -> None:
    """Keep both tables as `folder`/rates.csv and raters.csv."""
    for name, table in scores._asdict().items():
        write_text(Path(folder) / f"{name}.csv", table.to_csv(index=False))


def read_scores(folder: str | Path) -> Scores | None:
    """What `write_scores` kept, or None."""
    files = [Path(folder) / f"{name}.csv" for name in Scores._fields]
    return Scores(*map(pd.read_csv, files)) if all(file.is_file() for file in files) else None


def enough_right(trials: int) -> int:
    """How many of a rater's catch trials must be right: so many that a coin has them with at most 5 % probability."""
    tail, right = 0.0, trials + 1
    while right > 0 and (tail := tail + math.comb(trials, right - 1) / 2**trials) <= GUESSING:
        right -= 1
    return right
