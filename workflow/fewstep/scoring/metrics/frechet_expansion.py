"""First and second derivative of the Frechet distance by the distribution of the generated features."""

from dataclasses import dataclass
from functools import cached_property

import torch
from scipy.linalg.lapack import dsygst
from torch import Tensor

from fewstep.scoring.metrics.moments import Moments
from fewstep.scoring.metrics.sample_design import Design

_BLOCK = 4096


@dataclass(frozen=True)
class Gaussian:
    """The reference: its moments and a root R [d, r] of its covariance, R R' = S2, r = its rank."""

    moments: Moments
    root: Tensor

    @classmethod
    def fit(cls, moments: Moments) -> "Gaussian":
        return cls(moments, covariance_root(moments.covariance))


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


class Expansion:
    """The distance as a function of the generated distribution P, about the sample, to second order.

    With T the optimal map from the generated Gaussian to the reference, and u = A'(x - m1) the coordinates in which
    Cov(u) = diag(s) and T is the identity (A A' = T):

        dFD(x)      = 2 (x - m1)'(m1 - m2) + (x - m1)'(I - T)(x - m1)                     less its mean
        d2FD(x, y)  = 2 k(x, y), k = u_x'u_y + sum_ij (u_x u_y)_i (u_x u_y)_j / (s_i + s_j) / 2  less its means

    Fourth moments come from the sample, so that features need not be Gaussian.

    Args:
        features: of the sample, [N, d].
        moments: of these features.
        reference: the other Gaussian.
        design: how the sample was drawn; expectations are over samples of this design.
    """

    def __init__(self, features: Tensor, moments: Moments, reference: Gaussian, design: Design) -> None:
        self.moments, self.reference, self.design = moments, reference, design
        eigenvalues, vectors = torch.linalg.eigh(conjugate(reference.root, moments.covariance))
        self.cross = eigenvalues.clamp_min(0).sqrt().sum()  # tr (S1 S2)^(1/2)
        smallest = eigenvalues[-1:] * len(eigenvalues) * torch.finfo(eigenvalues.dtype).eps
        kept = eigenvalues > smallest  # none where the reference has no variance
        self.scales = eigenvalues[kept].sqrt()
        axes = reference.root @ (vectors[:, kept] / self.scales.sqrt())
        self.weights = 1 / (self.scales[:, None] + self.scales) / 2
        parts = [self._block(block.double() - moments.mean, axes) for block in features.split(_BLOCK)]
        self.coordinates, self.influence, self._own = (torch.cat(each) for each in zip(*parts, strict=True))

    def _block(self, centred: Tensor, axes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Coordinates u [B, r], influence dFD [B] and k(x, x) [B]."""
        coordinates = centred @ axes
        squares = coordinates.square()
        length = squares.sum(1)
        shift = self.moments.mean - self.reference.moments.mean
        influence = 2 * centred @ shift + centred.square().sum(1) - length
        return coordinates, influence, length + (squares @ self.weights * squares).sum(1)

    def kernel(self, x: Tensor, y: Tensor) -> Tensor:
        """k of images with indices [P] and [P], float64 [P]."""
        products = self.coordinates[x] * self.coordinates[y]
        return products.sum(1) + (products @ self.weights * products).sum(1)

    @cached_property
    def _across(self) -> Tensor:
        """Mean of k(x, y) over the other images y of the stratum of x, float64 [N]."""
        found = torch.empty_like(self._own)
        for k, count in enumerate(self.design.counts.tolist()):
            rows = self.coordinates[here := self.design.stratum == k]
            total = rows @ rows.sum(0) + (rows @ (self.weights * (rows.T @ rows)) * rows).sum(1)
            found[here] = (total - self._own[here]) / max(1, count - 1)
        return found

    @property
    def own_centred(self) -> Tensor:
        """k(x, x) without its means within the stratum of x, up to a constant: what x adds to the bias, [N]."""
        return self._own - 2 * self._across

    @property
    def bias(self) -> float:
        """The 1/N term: E[k(x, x) - k(x, y)] / N, x and y of one stratum, and what the divisor N - 1 adds to S1."""
        within = float((self._own - self._across).mean()) / self.moments.count
        kept = self.scales.sum()  # tr (T S1), of which the first term has its part already
        return within + float(self.moments.covariance.trace() - kept) / (self.moments.count - 1)


def conjugate(root: Tensor, covariance: Tensor) -> Tensor:
    """The lower triangle of R' S R [r, r], which is all that eigh and eigvalsh read.

    LAPACK's dsygst knows that S is symmetric and R triangular, and takes a quarter of the operations.
    """
    if root.shape[0] == root.shape[1] and torch.equal(root, root.tril()):
        # LAPACK stores columns first, so it sees transposes: R' is upper triangular there.
        product, _ = dsygst(covariance.numpy().T, root.numpy().T, itype=2, lower=0)
        return torch.from_numpy(product.T)
    return root.T @ covariance @ root
