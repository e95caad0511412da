"""Samples of cascades beside their oracle: the last stage, given real small images in place of drawn ones."""

from dataclasses import replace

import numpy as np
import pandas as pd

from fewstep.report.summary import CELL, Column, Summary
from fewstep.report.tables import numbers
from fewstep.report.tables.model import Table
from fewstep.results.pooling import pool_rows
from fewstep.results.quantities import LOWER, Quantity, describe

_PREFIX = "oracle_"  # of the metric, before the name of the distance
_BELOW = Quantity("below", "stages below", LOWER, "the samples' distance less the oracle's: what drawn images cost")
_NOTE = (
    "Oracle: the last stage with the same settings and as many steps, given real held-out images, reduced, in place of "
    "drawn ones. It is what a perfect stage below would leave: but for chance, no stage below that draws new images "
    "can do better. A single stage has no oracle. "
)
_SAME = "The last column is the difference of the two: what the stages below cost."
_OTHER = "The two are of different numbers of images, and fewer images add to the distance."


def beside_samples(summary: Summary, evaluation: pd.DataFrame) -> Summary | None:
    """The samplers of the methods with an oracle, their distance, the oracle's and, at equal N, the difference.

    Args:
        summary: of a data set.
        evaluation: rows of scores that methods give themselves on this data set.
    """
    distance = summary.distance
    if distance is None:
        return None
    metric = _PREFIX + distance.quantity.name
    found = evaluation[evaluation.metric == metric]
    if found.empty:
        return None
    found = pool_rows(found, CELL)
    frame = summary.ranked[summary.ranked.method.isin(found.method)].reset_index(drop=True)
    oracle = Column(metric, describe(metric), f"N = {found.n_samples.max():,}")
    names = {"value": oracle.key, "ci_low": oracle.low, "ci_high": oracle.high}
    frame = frame.merge(found[[*CELL, *names]].rename(columns=names), how="left", on=CELL)
    columns = [distance, oracle]
    if oracle.context == distance.context:
        cost = Column("below", _BELOW, distance.context)
        half = np.hypot(*(frame[c.high] - frame[c.low] for c in columns)) / 2
        frame[cost.key] = frame[distance.key] - frame[oracle.key]
        frame[cost.low], frame[cost.high] = frame[cost.key] - half, frame[cost.key] + half
        columns.append(cost)
    return replace(summary, frame=frame, quality=tuple(columns), speed=())


def table(found: Summary) -> Table:
    """What `beside_samples` found."""
    note = _NOTE + (_SAME if len(found.quality) > 2 else _OTHER)
    notes = [note, numbers.LEGEND, numbers.trainings(found.frame)]
    return numbers.table(found.frame, found.quality, f"Cascades and their oracle on {found.dataset}", notes)
