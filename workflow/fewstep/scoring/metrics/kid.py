"""Kernel (Inception) distance: unbiased squared MMD with the cubic polynomial kernel, from every pair of
samples.

Binkowski et al. 2018 (arXiv:1801.01401), section 4: k(x, y) = (x'y / d + 1)^3. Other tools average 100 random
subsets of 1,000; this is the same estimator on the whole set: no randomness, less variance, and small sets
need no subset size. Pairs of one stratum and pairs of two are weighted by the design, so that it stays unbiased where
every class has a fixed number.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fewstep.scoring.metrics.sample_design import Design, two_term_error

_BLOCK = 2048


@dataclass(frozen=True)
class KernelDistance:
    """Squared MMD (may be slightly negative: it is unbiased) and its standard error, the reference taken as
    fixed.
    """

    value: float
    standard_error: float


def mean_kernel(features: Tensor, design: Design | None = None, block: int = _BLOCK) -> float:
    """Mean of k over pairs of independent draws, estimated from all pairs of different rows of [M, d]."""
    return float(_independent_means(features, design or Design.independent(len(features)), block).mean())


def kernel_distance(
    generated: Tensor, reference: Tensor, reference_kernel: float, design: Design | None = None, block: int = _BLOCK
) -> KernelDistance:
    """Unbiased squared MMD between features [N, d] and [M, d], with `reference_kernel =
    mean_kernel(reference, ...)`.

    With the reference fixed the estimate is a U-statistic of the generated sample with kernel h(x, x') = k(x,
    x') - g(x) - g(x') + constant, g(x) = mean over the reference of k(x, .). N and M are at least 2.

    Args:
        design: how the generated sample was drawn; independent labels unless given.
    """
    design = design or Design.independent(len(generated))
    within = _independent_means(generated, design, block)
    witness = _row_sums(generated, reference, block) / len(reference)
    value = within.mean() + reference_kernel - 2 * witness.mean()
    error = two_term_error(
        design, 2 * (within - witness), design.interaction(lambda x, y: _kernel_of_pairs(generated[x], generated[y]))
    )
    return KernelDistance(float(value), error)


def _independent_means(features: Tensor, design: Design, block: int) -> Tensor:
    """For each row, the mean of k with an independent draw of the whole population, float64 [N].

    A row's own stratum has one other row less than the population's share of it: the mean over these stands for it.
    """
    count = len(features)
    total = _row_sums(features, features, block, skip_self=True)
    own = _row_sums(features, features, block, design.stratum, skip_self=True) if design.is_stratified else total
    return (total + own / (design.counts[design.stratum] - 1)) / count


def _row_sums(
    rows: Tensor, columns: Tensor, block: int, stratum: Tensor | None = None, skip_self: bool = False
) -> Tensor:
    """Sums over the columns of k for every row, float64 [N], with `stratum` over those of the row's own; never more
    than block x M values at once.
    """
    sums = []
    for start in range(0, len(rows), block):
        part = rows[start : start + block]
        kernel = torch.addmm(torch.ones(()), part, columns.T, alpha=1 / columns.shape[1]) ** 3
        if skip_self:
            kernel[torch.arange(len(part)), start + torch.arange(len(part))] = 0
        if stratum is not None:
            kernel *= stratum[start : start + block, None] == stratum
        sums.append(kernel.sum(1, dtype=torch.float64))
    return torch.cat(sums)


def _kernel_of_pairs(x: Tensor, y: Tensor) -> Tensor:
    """k of row i of x and row i of y, float64 [P]."""
    return ((x.double() * y.double()).sum(1) / x.shape[1] + 1) ** 3
