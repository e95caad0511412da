"""How often each class appears among samples, against real images: a generator that drops a class shows here.

The same classifier looks at both sides, so that its mistakes are on both.
"""

import math
from typing import NamedTuple

from torch import Tensor

from fewstep.collapse import PRESENT
from fewstep.metrics.precision_recall import Proportion
from fewstep.statistics import Z95, Interval, wilson_interval


class ClassShares(NamedTuple):
    """Share of each class over its real share, by class, and the part of the classes that are not dropped."""

    relative: dict[int, Proportion]
    coverage: Proportion


def counts(logits: Tensor) -> Tensor:
    """Number of images whose largest logit [N, K] is that of each class, int64 [K]."""
    return logits.argmax(1).bincount(minlength=logits.shape[1])


def class_shares(logits: Tensor, real: Tensor) -> ClassShares:
    """Compare the predicted classes of samples, logits [N, K], with those of real images, counts [K].

    Classes that no real image has are passed over. The real shares are taken as known. Intervals are Wilson's; that of
    the coverage counts the classes that are surely there, and those that may be.
    """
    total, own = len(logits), counts(logits).tolist()
    shares = (real.double() / real.sum()).tolist()
    relative = {k: _relative(own[k], total, share) for k, share in enumerate(shares) if share > 0}
    value, low, high = (
        sum(bound >= PRESENT for bound in bounds) / len(relative)
        for bounds in zip(*((p.value, p.interval.low, p.interval.high) for p in relative.values()), strict=True)
    )
    return ClassShares(relative, Proportion(value, (high - low) / (2 * Z95), Interval(low, high)))


def _relative(count: int, total: int, share: float) -> Proportion:
    p, interval = count / total, wilson_interval(count, total)
    error = math.sqrt(p * (1 - p) / total)
    return Proportion(p / share, error / share, Interval(interval.low / share, interval.high / share))
