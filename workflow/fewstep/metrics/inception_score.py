"""Inception score: exp of the mean KL divergence from each image's class distribution to the marginal one.

Salimans et al. 2016 (arXiv:1606.03498). The name is kept for any classifier; results name the extractor.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fewstep.errors import FewstepError

SPLITS = 10
_SHUFFLE_SEED = 2020  # torch-fidelity's, so that both give the same value


@dataclass(frozen=True)
class InceptionScore:
    """Mean over the splits and the standard error of that mean; 1 <= value <= number of classes."""

    value: float
    standard_error: float


def inception_score(logits: Tensor) -> InceptionScore:
    """Inception score of logits [N, K]: the mean over 10 splits of a fixed shuffle, as torch-fidelity defines
    it.

    The standard error is the delta method's on the whole set: the influence of an image on log IS is its own
    divergence KL(p(y|x) || p(y)), because the term through the marginal vanishes.

    Raises:
        FewstepError: fewer than 10 images.
    """
    count = len(logits)
    if count < SPLITS:
        raise FewstepError(f"An Inception score needs at least {SPLITS} samples, not {count}.")
    order = torch.from_numpy(np.random.RandomState(_SHUFFLE_SEED).permutation(count))
    log_probabilities = logits[order].double().log_softmax(dim=1)
    bounds = [i * count // SPLITS for i in range(SPLITS + 1)]
    splits = [log_probabilities[start:stop] for start, stop in zip(bounds, bounds[1:], strict=False)]
    value = torch.stack([_divergences(split).mean().exp() for split in splits]).mean()
    divergences = _divergences(log_probabilities)
    standard_error = divergences.mean().exp() * divergences.std() / count**0.5
    return InceptionScore(float(value), float(standard_error))


def _divergences(log_probabilities: Tensor) -> Tensor:
    """KL(p(y|x) || p(y)) of each row [n], with p(y) the mean over these rows."""
    probabilities = log_probabilities.exp()
    marginal = probabilities.mean(dim=0).clamp_min(torch.finfo(torch.float64).tiny)  # 0 log 0 = 0, not NaN
    return (probabilities * (log_probabilities - marginal.log())).sum(dim=1)
