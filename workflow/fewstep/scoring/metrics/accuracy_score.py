"""Classification accuracy score (CAS), its ratio to the real training set's, and both for each class.

Ravuri and Vinyals 2019, arXiv:1905.10887. Two things make an accuracy uncertain: which images were tested, shared by
all classifiers (Wilson's binomial interval), and the classifiers' seeds (Student's t over them). The half-widths add in
quadrature, and those of differences and ratios too, which ignores that the same images were tested: such intervals are
rather too wide. No torch is imported.
"""

import math

import numpy as np
from scipy.special import stdtrit

from fewstep.base.statistics import Pooled, wilson_interval


def accuracy(correct: np.ndarray) -> Pooled:
    """Share of right answers of k classifiers about the same m images, bool [k, m]."""
    fits, images = correct.shape
    shares = correct.mean(1)
    value = float(shares.mean())
    binomial = wilson_interval(value * images, images)
    error = float(shares.std(ddof=1)) / math.sqrt(fits) if fits > 1 else 0.0
    half = error * float(stdtrit(fits - 1, 0.975)) if fits > 1 else 0.0
    return Pooled(
        value,
        math.hypot(math.sqrt(value * (1 - value) / images), error),
        max(0.0, value - math.hypot(value - binomial.low, half)),
        min(1.0, value + math.hypot(binomial.high - value, half)),
    )


def by_class(correct: np.ndarray, labels: np.ndarray) -> dict[int, Pooled]:
    """The accuracy on the test images of each class that has some; labels [m]."""
    return {int(k): accuracy(correct[:, labels == k]) for k in np.unique(labels)}


def gap(score: Pooled, real: Pooled) -> Pooled:
    """score - real: what is lost where a classifier learns from samples; intervals as Newcombe's (1998)."""
    value = score.value - real.value
    return Pooled(
        value,
        math.hypot(score.standard_error, real.standard_error),
        value - math.hypot(score.value - score.low, real.high - real.value),
        value + math.hypot(score.high - score.value, real.value - real.low),
    )


def ratio(score: Pooled, real: Pooled) -> Pooled | None:
    """score / real, to first order in the two errors; None where no classifier of real images is ever right."""
    if real.value == 0:
        return None
    value = score.value / real.value
    return Pooled(
        value,
        math.hypot(score.standard_error, value * real.standard_error) / real.value,
        max(0.0, value - math.hypot(score.value - score.low, value * (real.high - real.value)) / real.value),
        value + math.hypot(score.high - score.value, value * (real.value - real.low)) / real.value,
    )
