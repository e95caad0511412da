"""How a sample was drawn: with independent labels, or with a fixed number of each class.

Where every class has its fixed number, as in a stratified split or in images that belong one by one to the images of
such a split, what differs between the classes adds nothing to the error of a mean. Scores of such a sample vary less,
and are less biased, than those of as many images with independent labels (Cochran 1977, Sampling Techniques, ch. 5).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

FEWEST = 4  # images of a stratum: each half of it has two, whose difference gives a variance
_QUADRUPLES = 4096  # pairs of differences; the mean of their squares is then known to about 5 %


@dataclass(frozen=True)
class Design:
    """The strata of a sample of N images: within each, images are independent draws; independent labels give one.

    Attributes:
        stratum: int64 [N], 0..K-1.
    """

    stratum: Tensor

    @classmethod
    def independent(cls, count: int) -> "Design":
        """The design of `count` independent images."""
        return cls(torch.zeros(count, dtype=torch.int64))

    @classmethod
    def stratified(cls, labels: Tensor) -> "Design":
        """The design of images whose number in each class was fixed, labels int64 [N].

        Classes of fewer than FEWEST images are one stratum, which errs on the side of wide intervals.
        """
        _, labels, counts = labels.unique(return_inverse=True, return_counts=True)
        small = counts < FEWEST
        if small.any():
            # Together they, too, need FEWEST: the smallest of the other classes joins them if not.
            if counts[small].sum() < FEWEST and not small.all():
                small[torch.where(small, counts.max() + 1, counts).argmin()] = True
            labels = torch.where(small[labels], len(counts), labels).unique(return_inverse=True)[1]
        return cls(labels)

    @property
    def is_stratified(self) -> bool:
        """Whether there is more than one stratum."""
        return len(self.counts) > 1

    @cached_property
    def counts(self) -> Tensor:
        """Images in each stratum, int64 [K]."""
        return self.stratum.bincount()

    def means(self, values: Tensor) -> Tensor:
        """The mean of each stratum, float64 [K], of values [N]."""
        sums = torch.zeros(len(self.counts), dtype=torch.float64).index_add_(0, self.stratum, values.double())
        return sums / self.counts

    def variance_of_mean(self, values: Tensor) -> float:
        """Variance of the mean of values [N]: sum_k p_k s_k^2 / N, with p_k = N_k / N and s_k^2 within stratum k."""
        squares = (values.double() - self.means(values)[self.stratum]).square()
        sums = torch.zeros(len(self.counts), dtype=torch.float64).index_add_(0, self.stratum, squares)
        within = sums / (self.counts - 1).clamp_min(1)
        return float((within * self.counts).sum()) / len(self.stratum) ** 2

    def halves(self) -> tuple[Tensor, Tensor]:
        """Indices of two random halves with the same share of every stratum, always the same ones."""
        shuffled = torch.randperm(len(self.stratum), generator=_generator())
        ordered = shuffled[self.stratum[shuffled].argsort(stable=True)]
        return ordered[::2], ordered[1::2]

    def interaction(self, kernel: Callable[[Tensor, Tensor], Tensor]) -> float:
        """E[h(x, y)^2], what is left of a symmetric kernel once its means over either argument are taken out.

        With x, x' independent of one stratum and y, y' of one, [k(x,y) - k(x',y) - k(x,y') + k(x',y')] / 2 has this
        mean square. It is the second term of the variance of a U-statistic (Hoeffding 1948), and all of it where the
        first vanishes, as for distances between equal distributions. Taken over a few thousand such quadruples.

        Args:
            kernel: k of images with indices [P] and [P], float64 [P].
        """
        generator, count = _generator(), len(self.stratum)
        x, y = (torch.randint(count, (_QUADRUPLES,), generator=generator) for _ in range(2))
        x_, y_ = (self._partners(images, generator) for images in (x, y))
        distinct = (x != y) & (x != y_) & (x_ != y) & (x_ != y_) & (x != x_) & (y != y_)
        x, x_, y, y_ = (images[distinct] for images in (x, x_, y, y_))
        if not len(x):
            return 0.0
        differences = (kernel(x, y) - kernel(x_, y) - kernel(x, y_) + kernel(x_, y_)) / 2
        return float(differences.square().mean())

    def _partners(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Another image of the same stratum for each index [P]."""
        order = self.stratum.argsort(stable=True)
        first = (self.counts.cumsum(0) - self.counts)[self.stratum[images]]
        place = order.argsort()[images] - first
        size = self.counts[self.stratum[images]]
        step = 1 + (torch.rand(len(images), generator=generator, dtype=torch.float64) * (size - 1)).long()
        return order[first + (place + step) % size]


def two_term_error(design: Design, projection: Tensor, interaction: float) -> float:
    """Standard error of a statistic of order two from its estimated projection, one number per image, [N].

    Var = Var(P) / N + 2 E[h^2] / N^2 (Hoeffding 1948). The projection P is itself a mean over the other images, which
    adds 4 E[h^2] / N to its variance: that is taken out again, down to 0. Cutting off at 0 makes the error 10 to 15 %
    too large where P vanishes.
    """
    count = len(projection)
    second = 2 * interaction / count**2
    return (max(0.0, design.variance_of_mean(projection) - 2 * second) + second) ** 0.5


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)
