"""Frechet distance between Gaussian fits of two feature sets, with its bias and its standard error.

FD = |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)); Heusel et al. 2017 (arXiv:1706.08500), equation 6. Only on
the 2015 Inception network is it called FID. The reference is treated as fixed: intervals speak of the
generated sample.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from scipy.linalg.lapack import dsygst
from torch import Tensor

from fewstep.metrics.moments import Moments

_BLOCK = 4096


@dataclass(frozen=True)
class Gaussian:
    """The reference: its moments and a root R [d, r] of its covariance, R R' = S2, r = its rank."""

    moments: Moments
    root: Tensor

    @classmethod
    def fit(cls, moments: Moments) -> "Gaussian":
        return cls(moments, covariance_root(moments.covariance))


@dataclass(frozen=True)
class FrechetEstimate:
    """A Frechet distance (in squared feature units) with its uncertainty.

    `value` exceeds the distance of the underlying distributions by about `bias`, which falls as 1/N;
    `standard_error` is that of `value` about its expectation at this N. The bias is None where N <= d: it
    cannot be predicted there.
    """

    value: float
    standard_error: float
    bias: float | None
    bias_standard_error: float | None
    corrected_standard_error: float | None

    @property
    def corrected(self) -> float | None:
        """The value less its predicted bias: an estimate for infinitely many generated samples."""
        return None if self.bias is None else self.value - self.bias


def covariance_root(covariance: Tensor) -> Tensor:
    """Return a root R [d, r] float64, R R' = covariance: its Cholesky factor, or eigenvectors where r < d.

    A pivot at the level of round-off (a dead feature, fewer samples than features) makes the triangular
    factor meaningless; the symmetric eigendecomposition then keeps only the directions that have variance.
    """
    smallest = covariance.diagonal().max() * len(covariance) * torch.finfo(covariance.dtype).eps
    factor, failed = torch.linalg.cholesky_ex(covariance)
    if not failed and (factor.diagonal().square() > smallest).all():
        return factor
    eigenvalues, vectors = torch.linalg.eigh(covariance)
    kept = eigenvalues > smallest
    return vectors[:, kept] * eigenvalues[kept].sqrt()


def frechet_distance(features: Tensor, reference: Gaussian, moments: Moments | None = None) -> float:
    """Frechet distance of generated features [N, d] to the reference; 0 for the reference's own features.

    tr (S1 S2)^(1/2) is the sum of the square roots of the eigenvalues of R' S1 R, which is symmetric, unlike
    S1 S2. With N <= d those eigenvalues drown in round-off, so there it is the nuclear norm of (X - m1) R /
    sqrt(N - 1).
    """
    moments = moments or Moments.of(features)
    if moments.count > features.shape[1]:
        cross = torch.linalg.eigvalsh(_conjugate(reference.root, moments.covariance)).clamp_min(0).sqrt().sum()
    else:
        centred = features.double() - moments.mean
        cross = torch.linalg.svdvals(centred @ reference.root).sum() / math.sqrt(moments.count - 1)
    return _distance(moments, reference.moments, cross)


def estimate(features: Tensor, reference: Gaussian) -> FrechetEstimate:
    """Frechet distance of generated features [N, d] with bias and standard errors from this one sample.

    Delta method: the influence of sample x is 2 (x-m1)'(m1-m2) + (x-m1)'(I-T)(x-m1) less its mean, with T the optimal
    map from the generated Gaussian to the reference. The bias is the second-order term of the same expansion,
    tr(S1)/N + sum_ij Var(u_i u_j) / (s_i + s_j) / (2N), in the coordinates u in which T is the identity and Cov(u) =
    diag(s); its fourth moments come from the sample, so features need not be Gaussian. Their agreement with
    simulation is in tests/metrics.
    """
    moments = Moments.of(features)
    expansion = _Expansion(moments, reference)
    influence, excess = expansion.per_sample(features)
    bias = excess.mean() - expansion.diagonal_term
    known = moments.count > features.shape[1]
    return FrechetEstimate(
        value=_distance(moments, reference.moments, expansion.cross)
        if known
        else frechet_distance(features, reference, moments),
        standard_error=_error_of_mean(influence),
        bias=float(bias) if known else None,
        bias_standard_error=_error_of_mean(excess) if known else None,
        corrected_standard_error=_error_of_mean(influence - excess) if known else None,
    )


class _Expansion:
    """First and second derivative of the distance by the empirical distribution of the generated features."""

    def __init__(self, moments: Moments, reference: Gaussian) -> None:
        self.moments = moments
        self.reference = reference
        root = reference.root
        eigenvalues, vectors = torch.linalg.eigh(_conjugate(root, moments.covariance))
        self.cross = eigenvalues.clamp_min(0).sqrt().sum()
        kept = eigenvalues > eigenvalues[-1] * len(eigenvalues) * torch.finfo(eigenvalues.dtype).eps
        self.scales = eigenvalues[kept].sqrt()
        self.axes = root @ (vectors[:, kept] / self.scales.sqrt())

    @property
    def diagonal_term(self) -> Tensor:
        """What Var(u_i u_j) = E[u_i^2 u_j^2] - E[u_i u_j]^2 subtracts: sum_i s_i^2 / (2 s_i) / (2N)."""
        return self.scales.sum() / (4 * self.moments.count)

    @cached_property
    def _weights(self) -> Tensor:
        return 1 / (self.scales[:, None] + self.scales)

    def per_sample(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Each sample's influence on the distance, and its share of the bias: two vectors [N]."""
        parts = [self._block(block.double() - self.moments.mean) for block in features.split(_BLOCK)]
        influence, excess = zip(*parts, strict=True)
        return torch.cat(influence), torch.cat(excess)

    def _block(self, centred: Tensor) -> tuple[Tensor, Tensor]:
        squares = (centred @ self.axes).square()
        length = centred.square().sum(1)
        shift = self.moments.mean - self.reference.moments.mean
        influence = 2 * centred @ shift + length - squares.sum(1)
        quartic = (squares @ self._weights * squares).sum(1)
        return influence, (length + quartic / 2) / self.moments.count


def _distance(generated: Moments, target: Moments, cross: Tensor) -> float:
    """The distance, given `cross` = tr (S1 S2)^(1/2)."""
    traces = generated.covariance.trace() + target.covariance.trace()
    return float((generated.mean - target.mean).square().sum() + traces - 2 * cross)


def _conjugate(root: Tensor, covariance: Tensor) -> Tensor:
    """The lower triangle of R' S R [r, r], which is all that eigh and eigvalsh read.

    LAPACK's dsygst knows that S is symmetric and R triangular, and takes a quarter of the operations.
    """
    if root.shape[0] == root.shape[1] and torch.equal(root, root.tril()):
        # LAPACK stores columns first, so it sees transposes: R' is upper triangular there.
        product, _ = dsygst(covariance.numpy().T, root.numpy().T, itype=2, lower=0)
        return torch.from_numpy(product.T)
    return root.T @ covariance @ root


def _error_of_mean(values: Tensor) -> float:
    return float(values.std() / math.sqrt(len(values)))
