"""Whether samples repeat the training images, which an accuracy score cannot see: a copyist scores like real data.

Held-out images are the measure: how near they are to the training set is how near new images of the kind should be.
Meehan, Chaudhuri and Dasgupta 2020 (arXiv:2004.05675) compare the same two sets of distances (there cell by cell).
"""

import torch
from torch import Tensor

from fewstep.metrics.duplicates import NEAR
from fewstep.metrics.forced_choice import unpaired
from fewstep.statistics import Pooled, wilson_interval

_BLOCK = 2000


def nearest(features: Tensor, training: Tensor) -> Tensor:
    """Distance from each image to the nearest training image, float32 [N], of features [N, d] and [M, d]."""
    return torch.cat([torch.cdist(part, training).amin(1) for part in features.split(_BLOCK)])


def nearer(samples: Tensor, held_out: Tensor) -> Pooled:
    """How often a sample lies nearer to the training set than a held-out image does; 0.5 for new images of the kind.

    Args:
        samples, held_out: distances of `nearest`, [N] and [M].
    """
    return unpaired(samples.numpy(), held_out.numpy())


def copies(samples: Tensor, held_out: Tensor) -> Pooled:
    """Share of samples nearer to a training image than NEAR of the usual (median) distance of held-out images."""
    found = samples < NEAR * held_out.median()
    count = len(found)
    share = float(found.double().mean())
    return Pooled(share, (share * (1 - share) / count) ** 0.5, *wilson_interval(int(found.sum()), count))
