"""The one builder of rows of scores.csv, and of the scores that they hold. No torch is imported."""

import math
from typing import TYPE_CHECKING

from fewstep.base.statistics import Pooled, normal_interval
from fewstep.scoring.protocols import NONE

if TYPE_CHECKING:
    from torch import Tensor

Row = dict[str, str | int | float | None]

# In the column `labels`: a fixed number of each class; all classes alike; none that matters.
FIXED, UNIFORM, UNUSED = "fixed", "uniform", "none"


def row(
    metric: str,
    score: Pooled | None,
    n_samples: int,
    *,
    fits: int = 0,
    labels: str = UNUSED,
    reference: str = NONE,
    extractor: str = NONE,
    protocol: str = NONE,
    reason: str | None = None,
) -> Row:
    """One score, without the names of the cell and the provenance.

    Args:
        score: value, standard error and 95 % interval; None where the score cannot be given.
        n_samples: number of images that it rests on.
        fits: networks that were trained for it.
        labels: how the labels of the images came about (fewstep.results.schemas.LABELS).
        reference: key of the images that it compares with.
        extractor: name of the network whose features it compares, or PIXELS.
        protocol: a name of fewstep.scoring.protocols.MEANINGS.
        reason: why there is no score, in words that follow "there is none:".
    """
    value, standard_error, low, high = score or (None,) * 4
    return {
        "metric": metric,
        "value": value,
        "standard_error": standard_error,
        "ci_low": low,
        "ci_high": high,
        "reason": reason,
        "n_samples": n_samples,
        "fits": fits,
        "labels": labels,
        "reference": reference,
        "extractor": extractor,
        "protocol": protocol,
    }


def normal(value: float, standard_error: float) -> Pooled:
    """A score with its normal interval."""
    return Pooled(value, standard_error, *normal_interval(value, standard_error))


def mean(values: "Tensor") -> Pooled:
    """The mean of one value per image [N] with its standard error."""
    return normal(float(values.mean()), float(values.std()) / math.sqrt(len(values)))


def exact(value: float) -> Pooled:
    """A score without any uncertainty."""
    return Pooled(value, 0.0, value, value)
