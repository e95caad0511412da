"""Kernel (Inception) distance: unbiased squared MMD with the cubic polynomial kernel, from every pair of
samples.

Binkowski et al. 2018 (arXiv:1801.01401), section 4: k(x, y) = (x'y / d + 1)^3. Other tools average 100 random
subsets of 1,000; this is the same estimator on the whole set: no randomness, less variance, and small sets
need no subset size.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

_BLOCK = 2048


@dataclass(frozen=True)
class KernelDistance:
    """Squared MMD (may be slightly negative: it is unbiased) and its standard error, the reference taken as
    fixed.
    """

    value: float
    standard_error: float


def mean_kernel(features: Tensor, block: int = _BLOCK) -> float:
    """Mean of k over all pairs of different rows of [M, d]: the term that depends on the reference alone."""
    sums, _ = _row_sums(features, features, block, skip_self=True)
    return float(sums.sum()) / (len(features) * (len(features) - 1))


def kernel_distance(
    generated: Tensor, reference: Tensor, reference_kernel: float, block: int = _BLOCK
) -> KernelDistance:
    """Unbiased squared MMD between features [N, d] and [M, d], with `reference_kernel =
    mean_kernel(reference)`.

    With the reference fixed the estimate is a U-statistic of the generated sample with kernel h(x, x') = k(x,
    x') - g(x) - g(x') + constant, g(x) = mean over the reference of k(x, .). Its variance is (4 (N-2) z1 + 2
    z2) / (N (N-1)), z1 = Var E[h | x], z2 = Var h (Hoeffding 1948): the second term is what is left when the
    model equals the data and the first vanishes.

    N and M are at least 2.
    """
    within, within_squares = _row_sums(generated, generated, block, skip_self=True)
    across, _ = _row_sums(generated, reference, block)
    witness = across / len(reference)
    value = within.mean() / (len(generated) - 1) + reference_kernel - 2 * witness.mean()
    return KernelDistance(float(value), _standard_error(within, within_squares, witness))


def _row_sums(rows: Tensor, columns: Tensor, block: int, skip_self: bool = False) -> tuple[Tensor, Tensor]:
    """Sums over the columns of k and of k^2 for every row, float64 [N]; never more than block x M values at
    once.
    """
    sums, squares = [], []
    for start in range(0, len(rows), block):
        part = rows[start : start + block]
        kernel = torch.addmm(torch.ones(()), part, columns.T, alpha=1 / columns.shape[1]) ** 3
        if skip_self:
            kernel[torch.arange(len(part)), start + torch.arange(len(part))] = 0
        sums.append(kernel.sum(1, dtype=torch.float64))
        squares.append(kernel.square().sum(1, dtype=torch.float64))
    return torch.cat(sums), torch.cat(squares)


def _standard_error(within: Tensor, within_squares: Tensor, witness: Tensor) -> float:
    count = len(within)
    pairs = count * (count - 1)
    projection = within / (count - 1) - witness  # E[h | x], up to a constant
    first = float(projection.var())
    mean = float(within.sum()) / pairs - 2 * float(witness.mean())
    total, total_squares = float(witness.sum()), float(witness.square().sum())
    second_moment = (
        float(within_squares.sum())
        - 4 * float((witness * within).sum())
        + 2 * (count - 1) * total_squares
        + 2 * (total**2 - total_squares)
    ) / pairs
    second = max(0.0, second_moment - mean**2)
    # The projection is itself a mean over the other samples; take the variance of that mean out again.
    first = max(0.0, first - (second - 2 * first) / (count - 1))
    return math.sqrt((4 * (count - 2) * first + 2 * second) / pairs)
