"""What is known of an image, as a linear operator, and how an edited image is made to keep it exactly.

Song et al. 2023 (arXiv:2303.01469), Algorithm 4: with an invertible linear A and a mask Omega of the coordinates that
are to be generated, x <- A^-1 [(A y) (1 - Omega) + (A x) Omega] gives x the known coordinates of y.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from fewstep.base.errors import FewstepError

LUMA = (0.299, 0.587, 0.114)  # of R, G and B; ITU-R BT.601, to the three digits that add up to 1
_TOLERANCE = 0.1 / 127.5  # a tenth of a grey level outside of [-1, 1]: rounding moves what is known by less than one
_ROUNDS = 2000

Transform = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Constraint:
    """A linear operator and which of its coordinates are known.

    Attributes:
        transform: A, from images [B, C, H, W] to coordinates [B, ...]; inverse: A^-1.
        known: bool, broadcasts to the coordinates; 1 - Omega.
        unit: times a known coordinate gives it in pixel values (weights of the pixels that add up to 1).
    """

    transform: Transform
    inverse: Transform
    known: Tensor
    unit: float = 1.0

    def project(self, x: Tensor, y: Tensor) -> Tensor:
        """x with the known coordinates of y; in float64 they are kept to about 1e-15."""
        return self.inverse(torch.where(self.known.to(x.device), self.transform(y), self.transform(x)))

    def fit(self, x: Tensor, y: Tensor) -> Tensor:
        """x with the known coordinates of y and within [-1, 1] to a tenth of a grey level, so that rounding keeps both.

        Clips and projects each image in turn until it is there: both sets are convex, and they meet in the true image.

        Raises:
            FewstepError: an image does not get there.
        """
        x = self.project(x, y)
        for _ in range(_ROUNDS):
            outside = (x.abs().flatten(1).amax(dim=1) > 1 + _TOLERANCE).reshape(-1, 1, 1, 1)
            if not outside.any():
                return x
            x = torch.where(outside, self.project(x.clamp(-1, 1), y), x)
        raise FewstepError(
            f"{int(outside.sum())} of {len(x)} images cannot keep what is known of them within the range of pixels: "
            f"after {_ROUNDS:,} rounds they are still up to {127.5 * float(x.abs().max() - 1):.1f} grey levels outside."
        )

    def error(self, x: Tensor, y: Tensor) -> Tensor:
        """Largest difference of the known coordinates of x and y, per image [B], in grey levels of 0..255."""
        difference = (self.transform(x) - self.transform(y)).abs() * self.unit * 127.5
        return torch.where(self.known.to(x.device), difference, 0.0).flatten(1).amax(dim=1)


def pixels(known: Tensor) -> Constraint:
    """Some pixels are known: A is the identity."""
    return Constraint(lambda x: x, lambda x: x, known)


def luma(channels: int = 3) -> Constraint:
    """The luma is known: A rotates the channels so that the first one is along the weights of the luma."""
    weights = torch.tensor(LUMA, dtype=torch.float64)
    basis = orthogonal(weights)
    known = (torch.arange(channels) == 0).reshape(-1, 1, 1)
    # x = c w / |w| + ... has the luma c |w|.
    return Constraint(
        lambda x: torch.einsum("bchw,ck->bkhw", x, basis.to(x)),
        lambda k: torch.einsum("bkhw,ck->bchw", k, basis.to(k)),
        known,
        unit=float(weights.norm()),
    )


def means(factor: int) -> Constraint:
    """The means of squares of factor x factor pixels are known: A makes the mean of each square a coordinate."""
    basis = orthogonal(torch.ones(factor**2, dtype=torch.float64))

    def transform(x: Tensor) -> Tensor:
        squares = F.pixel_unshuffle(x, factor).unflatten(1, (x.shape[1], factor**2))
        return torch.einsum("bcphw,pk->bckhw", squares, basis.to(x))

    def inverse(k: Tensor) -> Tensor:
        return F.pixel_shuffle(torch.einsum("bckhw,pk->bcphw", k, basis.to(k)).flatten(1, 2), factor)

    known = (torch.arange(factor**2) == 0).reshape(-1, 1, 1)
    return Constraint(transform, inverse, known, unit=1 / factor)


def orthogonal(first: Tensor) -> Tensor:
    """An orthogonal matrix [d, d], float64, whose first column is along `first` [d]."""
    matrix = torch.eye(len(first), dtype=torch.float64)
    matrix[:, 0] = first
    columns, corner = torch.linalg.qr(matrix)
    return columns * corner.diagonal().sign()
