"""How often each class appears among samples, against real images: a generator that drops a class shows here.

The same classifier looks at both sides, so that its mistakes are on both.
"""

from typing import NamedTuple

from torch import Tensor

from fewstep.base.statistics import Z95, Interval
from fewstep.scoring.metrics.collapse import PRESENT
from fewstep.scoring.metrics.precision_recall import Proportion, proportion
from fewstep.scoring.metrics.sample_design import Design


class ClassShares(NamedTuple):
    """Share of each class over its real share, by class, and the part of the classes that are not dropped."""

    relative: dict[int, Proportion]
    coverage: Proportion


def counts(logits: Tensor) -> Tensor:
    """Number of images whose largest logit [N, K] is that of each class, int64 [K]."""
    return logits.argmax(1).bincount(minlength=logits.shape[1])


def class_shares(logits: Tensor, real: Tensor, design: Design | None = None) -> ClassShares:
    """Compare the predicted classes of samples, logits [N, K], with those of real images, counts [K].

    Classes that no real image has are passed over. The real shares are taken as known. Intervals are Wilson's; that of
    the coverage counts the classes that are surely there, and those that may be.

    Args:
        design: how the samples were drawn; independent labels unless given.
    """
    predicted = logits.argmax(1)
    shares = (real.double() / real.sum()).tolist()
    found = {k: (proportion(predicted == k, design), share) for k, share in enumerate(shares) if share > 0}
    relative = {k: _relative(own, share) for k, (own, share) in found.items()}
    value, low, high = (
        sum(bound >= PRESENT for bound in bounds) / len(relative)
        for bounds in zip(*((p.value, p.interval.low, p.interval.high) for p in relative.values()), strict=True)
    )
    return ClassShares(relative, Proportion(value, (high - low) / (2 * Z95), Interval(low, high)))


def _relative(own: Proportion, share: float) -> Proportion:
    interval = Interval(own.interval.low / share, own.interval.high / share)
    return Proportion(own.value / share, own.standard_error / share, interval)
