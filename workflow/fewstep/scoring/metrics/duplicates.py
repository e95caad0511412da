"""Share of samples that are all but copies of another sample: a generator that has collapsed repeats itself.

Real images set the measure: how far the nearest other real image usually is, in the same features. Real images that
come twice say nothing of that, and two samples at distance 0 are copies whatever the measure.
"""

import torch
from torch import Tensor

from fewstep.scoring.metrics.precision_recall import Proportion, proportion, squared_distances
from fewstep.scoring.metrics.sample_design import Design

NEAR = 0.25  # nearer than this part of the usual distance is a copy; among real digits no two are nearer than a third
SAME = 4e-6  # squared distances below this part of the mean squared norm are 0: that far float32 rounds


def rounding(features: Tensor) -> float:
    """The squared distance up to which two features of [N, d], which lie around 0, cannot be told apart."""
    return SAME * float(features.square().sum(1).mean())


def neighbour_distance(real: Tensor) -> float:
    """Median squared distance from a real image to the nearest different one, of features [M, d] around 0.

    It is 0 where all images are equal.
    """
    same = rounding(real)
    nearest = [
        distances.masked_fill(distances <= same, torch.inf).amin(1) for distances in squared_distances(real, real)
    ]
    usual = float(torch.cat(nearest).median())
    return usual if usual < float("inf") else 0.0


def duplicate_rate(features: Tensor, usual: float, design: Design | None = None) -> Proportion:
    """Share of samples, features [N, d] around 0, with another sample nearer than NEAR; `usual` is of
    `neighbour_distance`.
    """
    nearest, start = [], 0
    for distances in squared_distances(features, features):
        rows = torch.arange(len(distances))
        distances[rows, start + rows] = torch.inf  # itself
        nearest.append(distances.amin(1))
        start += len(distances)
    return proportion(torch.cat(nearest) <= max(NEAR**2 * usual, rounding(features)), design)
