"""Inception score: exp of the mean KL divergence from each image's class distribution to the marginal one.

Salimans et al. 2016 (arXiv:1606.03498). The name is kept for any classifier; results name the extractor.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fewstep.base.errors import FewstepError
from fewstep.scoring.metrics.sample_design import Design

SPLITS = 10
_SHUFFLE_SEED = 2020  # torch-fidelity's, so that both give the same value


@dataclass(frozen=True)
class InceptionScore:
    """Mean over the splits and the standard error of that mean; 1 <= value <= number of classes."""

    value: float
    standard_error: float


def least_images(classes: int) -> int:
    """The fewest images that may be scored: a split of fewer images than classes cannot reach the highest score."""
    return SPLITS * classes


def inception_score(logits: Tensor, design: Design | None = None) -> InceptionScore:
    """Inception score of logits [N, K]: the mean over 10 splits of a fixed shuffle, as torch-fidelity defines
    it.

    The standard error is the jackknife's: by how much the score of a split moves when one of its images is left out.

    Args:
        design: how the images were drawn; independent labels unless given.

    Raises:
        FewstepError: fewer than `least_images` of K classes.
    """
    count, classes = logits.shape
    if count < least_images(classes):
        raise FewstepError(
            f"An Inception score of {classes} classes needs at least {least_images(classes):,} samples, not {count:,}."
        )
    order = torch.from_numpy(np.random.RandomState(_SHUFFLE_SEED).permutation(count))
    log_probabilities = logits[order].double().log_softmax(dim=1)
    bounds = [i * count // SPLITS for i in range(SPLITS + 1)]
    splits = [log_probabilities[start:stop] for start, stop in zip(bounds, bounds[1:], strict=False)]
    value = float(torch.stack([_score(split) for split in splits]).mean())
    influence = torch.empty(count, dtype=torch.float64)
    influence[order] = torch.cat([(len(s) - 1) * (_score(s) - _scores_without_one(s)) for s in splits])
    return InceptionScore(value, _error(influence, logits.double().softmax(dim=1), value, design))


def _error(influence: Tensor, probabilities: Tensor, value: float, design: Design | None) -> float:
    """Standard error of the mean over the splits from what each image adds to its split's score, [N].

    The marginal distribution of a split has an error of its own, from independent images whatever the design, since
    splits are random. Its square, k(x, y) = IS sum_k p_k(x) p_k(y) / (2 p_k), is the second term of a statistic of
    order two of N / 10 images.
    """
    independent, marginal = Design.independent(len(influence)), probabilities.mean(0).clamp_min(1e-12)
    scaled = probabilities * (value / 2 / marginal).sqrt()
    second = independent.interaction(lambda x, y: (scaled[x] * scaled[y]).sum(1)) * 2 * SPLITS / len(influence) ** 2
    first = (design or independent).variance_of_mean(influence) - 2 * second
    return (max(0.0, first) + second) ** 0.5


def _score(log_probabilities: Tensor) -> Tensor:
    """exp(H(mean p) - mean H(p)) of rows of log p, [n, K]."""
    probabilities = log_probabilities.exp()
    return (_entropy(probabilities.mean(0)) + (probabilities * log_probabilities).sum(1).mean()).exp()


def _scores_without_one(log_probabilities: Tensor) -> Tensor:
    """The score of the other n - 1 rows for each row, [n]."""
    probabilities, others = log_probabilities.exp(), len(log_probabilities) - 1
    known = (probabilities * log_probabilities).sum(1)
    marginals = ((probabilities.sum(0) - probabilities) / others).clamp_min(0)  # round-off goes below 0
    return (_entropy(marginals) + (known.sum() - known) / others).exp()


def _entropy(probabilities: Tensor) -> Tensor:
    """In nats, along the last axis; 0 log 0 = 0."""
    return torch.special.entr(probabilities).sum(-1)
