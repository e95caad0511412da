"""Share of samples that are all but copies of another sample: a generator that has collapsed repeats itself.

Real images set the measure: how far the nearest other real image usually is, in the same features.
"""

from torch import Tensor

from fewstep.metrics.precision_recall import Proportion, proportion, squared_radii

NEAR = 0.25  # nearer than this part of the usual distance is a copy; among real digits no two are nearer than a third


def neighbour_distance(real: Tensor) -> float:
    """Median squared distance from a real image to the nearest other one, of features [M, d]."""
    (nearest,) = squared_radii(real, (1,))
    return float(nearest.median())


def duplicate_rate(features: Tensor, usual: float) -> Proportion:
    """Share of samples, features [N, d], with another sample nearer than NEAR; `usual` is of `neighbour_distance`."""
    (nearest,) = squared_radii(features, (1,))
    return proportion(nearest < NEAR**2 * usual)
