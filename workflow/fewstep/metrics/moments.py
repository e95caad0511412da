"""Mean and covariance of features in float64, block by block, so that the features need not fit in memory."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from fewstep.errors import FewstepError

_BLOCK = 4096


@dataclass(frozen=True)
class Moments:
    """Sample count, mean [d] and unbiased covariance [d, d] (divided by N - 1), float64."""

    count: int
    mean: Tensor
    covariance: Tensor

    @classmethod
    def of(cls, features: Tensor) -> "Moments":
        """Moments of features [N, d] of any float type, N >= 2."""
        return cls.of_blocks(features.split(_BLOCK))

    @classmethod
    def of_blocks(cls, blocks: Iterable[Tensor]) -> "Moments":
        """Moments of a stream of blocks [n, d], merged as in Chan, Golub and LeVeque 1979 (stable for a large
        mean).

        Raises:
            FewstepError: fewer than two rows in all.
        """
        count, mean, scatter = 0, 0.0, 0.0
        for block in blocks:
            block = block.double()
            block_mean = block.mean(0)
            centred = block - block_mean
            shift = block_mean - mean
            total = count + len(block)
            scatter = scatter + centred.T @ centred + torch.outer(shift, shift) * (count * len(block) / total)
            mean = mean + shift * (len(block) / total)
            count = total
        if count < 2:
            raise FewstepError(f"A covariance needs at least 2 samples, not {count}.")
        return cls(count, mean, scatter / (count - 1))
