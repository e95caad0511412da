"""Mean and covariance of features in float64, block by block, so that the features need not fit in memory."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from fewstep.base.errors import FewstepError

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
        """Moments of a stream of blocks [n, d].

        Sums are taken about the mean of the first block: where features lie far from 0 compared with their
        spread, the textbook difference of squares loses digits.

        Raises:
            FewstepError: fewer than two rows in all.
        """
        count, pilot, total, gram = 0, None, 0.0, 0.0
        for block in blocks:
            shifted = block.to(torch.float64, copy=True)
            if pilot is None:
                pilot = shifted.mean(0)
            shifted -= pilot
            count += len(shifted)
            total += shifted.sum(0)
            gram += _gram(shifted)
        if count < 2:
            raise FewstepError(f"A covariance needs at least 2 samples, not {count}.")
        drift = total / count
        return cls(count, pilot + drift, (gram - torch.outer(drift, total)) / (count - 1))


def _gram(rows: Tensor) -> Tensor:
    """rows' rows: NumPy sees that the product is symmetric and does half the work, torch does not."""
    values = rows.numpy()
    return torch.from_numpy(values.T @ values)
