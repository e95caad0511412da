"""An interval of a share in trials that share raters and items."""

import numpy as np
import torch

from fewstep.base.statistics import Interval, wilson_interval
from fewstep.images.noise import torch_generator

RESAMPLES = 2000
_TAILS = (0.025, 0.975)


def crossed_interval(hits: np.ndarray, raters: np.ndarray, items: np.ndarray, seed: int = 0) -> Interval:
    """95 % interval of mean(hits), for other raters and other items.

    Raters and items are both drawn again with replacement, and a trial counts as often as the product of the two says
    (the pigeonhole bootstrap of Owen 2007, Annals of Applied Statistics 1:386, which errs on the side of wide
    intervals). The interval is never narrower than Wilson's of as many independent trials, which has a width also at 0
    and at 1.

    Args:
        hits: bool [n], one for each trial.
        raters, items: [n], who answered it and what was shown; any labels.
    """
    rater, item = (np.unique(labels, return_inverse=True)[1] for labels in (raters, items))
    shape = (rater.max() + 1, item.max() + 1)
    trials, hit = np.zeros(shape), np.zeros(shape)
    np.add.at(trials, (rater, item), 1)
    np.add.at(hit, (rater, item), hits)
    weights = [_resampled(count, seed, name) for count, name in zip(shape, ("raters", "items"), strict=True)]
    counts, sums = ((weights[0] @ table * weights[1]).sum(axis=1) for table in (trials, hit))
    # Of few raters with few items each, a resample may hold no trial at all.
    low, high = np.quantile(sums[counts > 0] / counts[counts > 0], _TAILS)
    wilson = wilson_interval(int(hits.sum()), len(hits))
    return Interval(min(float(low), wilson.low), max(float(high), wilson.high))


def _resampled(count: int, seed: int, name: str) -> np.ndarray:
    """How often each of `count` things is drawn when they are drawn `count` times: float64 [RESAMPLES, count]."""
    draws = torch.randint(count, (RESAMPLES, count), generator=torch_generator(seed, "bootstrap", name))
    times = torch.zeros(RESAMPLES, count, dtype=torch.float64)
    return times.scatter_add_(1, draws, torch.ones_like(draws, dtype=torch.float64)).numpy()
