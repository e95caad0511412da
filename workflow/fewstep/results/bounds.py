"""The limits of a metric's value, whatever was scored: of shares and correlations. No torch is imported."""

import math
import re

from fewstep.base.statistics import Interval

SHARE, SIGNED = Interval(0.0, 1.0), Interval(-1.0, 1.0)
_BOUNDS = {
    **dict.fromkeys(("precision", "recall", "coverage", "class_coverage", "duplicate_rate"), SHARE),
    **dict.fromkeys(("cas", "nearer_to_training", "training_copies"), SHARE),
    **dict.fromkeys(("ssim", "ssim_7"), SIGNED),
    "consistency": Interval(0.0, math.inf),
}


def bounds(metric: str) -> Interval | None:
    """The least and the largest value that a metric can have; None where it has no such limits."""
    if re.fullmatch(r"cas_class_\d+|fool_rate(_.+)?", metric):
        return SHARE
    return _BOUNDS.get(metric.removeprefix("reconstruction_"))
