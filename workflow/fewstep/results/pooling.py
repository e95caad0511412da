"""One number of several rows of scores.csv: pooled over sampling seeds, and over trainings where there are several."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fewstep.base.statistics import Pooled, pool_intervals, pool_trainings
from fewstep.results.bounds import bounds
from fewstep.results.schemas import PIXELS

_NUMBERS = ["value", "standard_error", "ci_low", "ci_high"]


def with_shared(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows with a column `shared`: whether samples of every seed were made from the same images.

    Scores on their pixels tell. Then more seeds do not average out what these images happen to be (see
    fewstep.base.statistics.pool).
    """
    places = pd.MultiIndex.from_frame(scores[["dataset", "task"]])
    return scores.assign(shared=places.isin(places[scores.extractor == PIXELS]))


def pooled(rows: pd.DataFrame) -> Pooled:
    """One metric of one setting, from its rows of every training seed and sampling seed.

    Args:
        rows: of `with_shared`, none of them without a value.
    """
    shared = bool(rows.shared.iloc[0])
    numbers, seeds = rows[["value", "ci_low", "ci_high"]].to_numpy(float).T, rows.training_seed.to_numpy()
    trainings = [pool_intervals(*numbers[:, seeds == seed], shared=shared) for seed in np.unique(seeds)]
    return pool_trainings(trainings, bounds(rows.metric.iloc[0]), shared)


def pool_rows(scores: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """A row for each group of rows that are equal `by` these columns; a group of one stays as it is.

    Rows without a value are passed over, unless no row of the group has one. Other columns are those of the first row.
    """
    found = []
    for _, rows in with_shared(scores).groupby(list(by), sort=True):
        present = rows[rows.reason.isna()]
        first = (present if len(present) else rows).iloc[:1].drop(columns="shared")
        if len(present) > 1:
            first = first.assign(**dict(zip(_NUMBERS, pooled(present), strict=True)))
        found.append(first)
    return pd.concat(found) if found else scores
