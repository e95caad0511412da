"""Frechet distance between Gaussian fits of two feature sets, with its bias and its standard error.

FD = |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)); Heusel et al. 2017 (arXiv:1706.08500), equation 6. Only on
the 2015 Inception network is it called FID. The reference is treated as fixed: intervals speak of the
generated sample.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from fewstep.scoring.metrics.frechet_expansion import Expansion, Gaussian, conjugate
from fewstep.scoring.metrics.moments import Moments
from fewstep.scoring.metrics.sample_design import Design, two_term_error

__all__ = ["FrechetEstimate", "Gaussian", "estimate", "frechet_distance", "own_bias"]

# What is left of the bias may be this part of the standard error: a 95 % interval then covers 93 % or more.
_TOLERATED = 1 / 3


@dataclass(frozen=True)
class FrechetEstimate:
    """A Frechet distance (in squared feature units) with its uncertainty.

    `value` exceeds the distance of the underlying distributions by about `bias`, which falls as 1/N;
    `standard_error` is that of `value` about its expectation at this N, `corrected` the value less its bias: an
    estimate for infinitely many generated samples. Where the bias is not known well enough, these four are None, and
    `reason` says why.
    """

    value: float
    standard_error: float
    bias: float | None = None
    bias_standard_error: float | None = None
    corrected: float | None = None
    corrected_standard_error: float | None = None
    reason: str | None = None


def frechet_distance(features: Tensor, reference: Gaussian, moments: Moments | None = None) -> float:
    """Frechet distance of generated features [N, d] to the reference; 0 for the reference's own features.

    tr (S1 S2)^(1/2) is the sum of the square roots of the eigenvalues of R' S1 R, which is symmetric, unlike
    S1 S2. With N <= d those eigenvalues drown in round-off, so there it is the nuclear norm of (X - m1) R /
    sqrt(N - 1).
    """
    moments = moments or Moments.of(features)
    if moments.count > features.shape[1]:
        cross = torch.linalg.eigvalsh(conjugate(reference.root, moments.covariance)).clamp_min(0).sqrt().sum()
    else:
        centred = features.double() - moments.mean
        cross = torch.linalg.svdvals(centred @ reference.root).sum() / math.sqrt(moments.count - 1)
    return _distance(moments, reference.moments, cross)


def estimate(features: Tensor, reference: Gaussian, design: Design | None = None) -> FrechetEstimate:
    """Frechet distance of generated features [N, d] with bias and standard errors from this one sample.

    The distance is expanded to second order in the distribution of the generated features (see `Expansion`), which
    gives its standard error and the 1/N term of its bias. The 1/N^2 term, e, is a third of what the corrected distances
    of two halves exceed that of the whole by. It is taken out too, and e^2 / bias is the size of the next term.
    Where that is surely more than a third of the standard error, or a half has no more images than the reference has
    directions, there is no corrected value. Simulations are in tests/scoring/metrics/test_frechet_coverage.py.

    Args:
        design: how the sample was drawn; independent labels unless given.
    """
    design = design or Design.independent(len(features))
    moments = Moments.of(features)
    expansion = Expansion(features, moments, reference, design)
    # Where N <= d the eigenvalues drown in round-off; frechet_distance has another way there.
    full_rank = moments.count > features.shape[1]
    value = (
        _distance(moments, reference.moments, expansion.cross)
        if full_rank
        else frechet_distance(features, reference, moments)
    )
    own, interaction = expansion.own_centred, design.interaction(expansion.kernel)
    raw_error = two_term_error(design, expansion.influence - own / moments.count, interaction)
    directions = reference.root.shape[1]
    if moments.count <= 2 * directions:
        reason = f"to tell its bias takes more than {2 * directions:,} images, twice as many as features"
        return FrechetEstimate(value, raw_error, reason=reason)
    first = expansion.bias
    second = (_halved(features, reference, design) - (value - first)) / 3
    # The mean of the halves differs from the whole by as much as that varies: a third of it is the error of `second`.
    second_error = math.sqrt(2 * interaction) / moments.count / 3
    once = two_term_error(design, expansion.influence - 2 * own / moments.count, interaction)
    error = math.hypot(once, second_error)
    next_term = max(0.0, abs(second) - 2 * second_error) ** 2
    if first <= 0 or next_term > _TOLERATED * error * first:
        reason = f"its bias, about {first + second:.2g}, is not known to {error:.1g}, the standard error"
        return FrechetEstimate(value, raw_error, reason=reason)
    bias, bias_error = first + second, math.hypot(design.variance_of_mean(own) ** 0.5 / moments.count, second_error)
    return FrechetEstimate(value, raw_error, bias, bias_error, value - bias, error)


def own_bias(features: Tensor, gaussian: Gaussian, design: Design) -> tuple[float, float]:
    """What the finite number of features [M, d] adds to the distance of another sample of their population to them.

    It is the bias of a sample of M whose distance is 0, with the standard error that it gives the distance; NaN where M
    is too small to tell.

    Args:
        gaussian: of these features.
        design: how they were drawn.
    """
    if len(features) <= 2 * gaussian.root.shape[1]:
        return math.nan, math.nan
    expansion = Expansion(features, gaussian.moments, gaussian, design)
    return expansion.bias, math.sqrt(2 * design.interaction(expansion.kernel)) / len(features)


def _halved(features: Tensor, reference: Gaussian, design: Design) -> float:
    """Mean over two halves of the sample of their distance less its 1/N bias."""
    total = 0.0
    for rows in design.halves():
        part, moments = features[rows], Moments.of(features[rows])
        expansion = Expansion(part, moments, reference, Design(design.stratum[rows]))
        total += _distance(moments, reference.moments, expansion.cross) - expansion.bias
    return total / 2


def _distance(generated: Moments, target: Moments, cross: Tensor) -> float:
    """The distance, given `cross` = tr (S1 S2)^(1/2)."""
    traces = generated.covariance.trace() + target.covariance.trace()
    return float((generated.mean - target.mean).square().sum() + traces - 2 * cross)
