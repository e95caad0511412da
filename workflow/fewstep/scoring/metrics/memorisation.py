"""Whether samples repeat the training images, which an accuracy score cannot see: a copyist scores like real data.

Held-out images are the measure: how near they are to the training set is how near new images of the kind should be.
Meehan, Chaudhuri and Dasgupta 2020 (arXiv:2004.05675) compare the same two sets of distances (there cell by cell).
"""

import torch
from torch import Tensor

from fewstep.base.statistics import Pooled, wilson_interval
from fewstep.scoring.metrics.duplicates import NEAR, rounding
from fewstep.scoring.metrics.forced_choice import unpaired
from fewstep.scoring.metrics.precision_recall import squared_distances


def nearest(features: Tensor, training: Tensor) -> Tensor:
    """Distance from each image to the nearest training image, float32 [N], of features [N, d] and [M, d].

    It is exactly 0 where the two cannot be told apart.
    """
    centre = training.mean(0)
    training = training - centre
    squares = torch.cat([distances.amin(1) for distances in squared_distances(features - centre, training)])
    return torch.where(squares <= rounding(training), 0.0, squares).sqrt()


def nearer(samples: Tensor, held_out: Tensor) -> Pooled:
    """How often a sample lies nearer to the training set than a held-out image does; 0.5 for new images of the kind.

    Args:
        samples, held_out: distances of `nearest`, [N] and [M].
    """
    return unpaired(samples.numpy(), held_out.numpy())


def copies(samples: Tensor, held_out: Tensor) -> Pooled:
    """Share of samples nearer to a training image than NEAR of the usual (median) distance of held-out images.

    Held-out images that are training images as well say nothing of what is usual; a sample at distance 0 is a copy
    whatever that is.

    Args:
        samples, held_out: distances of `nearest`, [N] and [M].
    """
    new = held_out[held_out > 0]
    found = samples <= NEAR * (new.median() if len(new) else 0.0)
    count = len(found)
    share = float(found.double().mean())
    return Pooled(share, (share * (1 - share) / count) ** 0.5, *wilson_interval(int(found.sum()), count))
