"""Two-alternative forced choice: how often the second of two images gets the higher score. Ties count half.

With scores of how real an image looks to an observer, this is the machine fool rate: 0.5 where generated images cannot
be told from real ones, 0 where they always can, more than 0.5 where they look more real. Over all pairs of a real and a
generated image it is 1 - AUC (unpaired); over pairs of the same item it is the paired rate.

Intervals are bootstrapped over items, whose scores by several observers stay together. Where the observers differ by
more than that, by the spread between them, the interval is as much wider. No torch is imported.
"""

import math

import numpy as np

from fewstep.base.statistics import Pooled, wilson_interval

REPLICATES = 1000
_BLOCK = 100


def unpaired(first: np.ndarray, second: np.ndarray, seed: int = 0) -> Pooled:
    """P(second > first) + P(tie) / 2 over all pairs, mean over k observers.

    Args:
        first: scores [k, M] (or [M]) of M items, say real images.
        second: scores [k, N] (or [N]) of N items, say generated images.
        seed: of the bootstrap.
    """
    first, second = np.atleast_2d(first), np.atleast_2d(second)
    places = [_places(one, other) for one, other in zip(first, second, strict=True)]
    rates = [float(_rates(np.ones((1, len(one))), np.ones((1, len(other))), place)[0])
             for one, other, place in zip(first, second, places, strict=True)]  # fmt: skip
    rng = np.random.default_rng(seed)
    replicates = []
    for _ in range(REPLICATES // _BLOCK):
        weights = [_resampled(rng, scores.shape[1]) for scores in (first, second)]
        replicates.append(np.mean([_rates(*weights, place) for place in places], axis=0))
    return _pooled(rates, np.concatenate(replicates), min(first.shape[1], second.shape[1]))


def paired(first: np.ndarray, second: np.ndarray, seed: int = 0) -> Pooled:
    """Share of items whose second image has the higher score, mean over k observers.

    Args:
        first, second: scores [k, N] (or [N]) of the two images of N items, in the same order.
        seed: of the bootstrap.
    """
    first, second = np.atleast_2d(first), np.atleast_2d(second)
    if first.shape != second.shape:
        raise ValueError(f"paired() needs scores item by item, not {first.shape} and {second.shape}.")
    wins = (second > first) + (second == first) / 2
    rng = np.random.default_rng(seed)
    blocks = [_resampled(rng, wins.shape[1]) @ wins.mean(0) / wins.shape[1] for _ in range(REPLICATES // _BLOCK)]
    return _pooled(wins.mean(1).tolist(), np.concatenate(blocks), wins.shape[1])


def _places(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The order of `first`, and for each of `second` how many of it are below, and how many not above."""
    order = np.argsort(first, kind="stable")
    ranked = first[order]
    return order, np.searchsorted(ranked, second, "left"), np.searchsorted(ranked, second, "right")


def _rates(first: np.ndarray, second: np.ndarray, place: tuple) -> np.ndarray:
    """The unpaired rate [B] where items count as often as B rows of weights [B, M] and [B, N] say."""
    order, below, not_above = place
    counted = np.pad(np.cumsum(first[:, order], axis=1), ((0, 0), (1, 0)))
    beaten = (counted[:, below] + counted[:, not_above]) / 2
    return (beaten * second).sum(1) / (first.sum(1) * second.sum(1))


def _resampled(rng: np.random.Generator, count: int) -> np.ndarray:
    """How often each item is drawn when `count` of them are drawn with replacement, float64 [_BLOCK, count]."""
    return rng.multinomial(count, np.full(count, 1 / count), size=_BLOCK).astype(float)


def _pooled(rates: list[float], replicates: np.ndarray, items: int) -> Pooled:
    value, error = math.fsum(rates) / len(rates), float(replicates.std())
    low, high = np.quantile(replicates, (0.025, 0.975)).tolist()
    if error == 0:  # all or none: the bootstrap sees no spread, but finitely many items were asked about
        low, high = wilson_interval(round(value * items), items)
    spread = float(np.std(rates, ddof=1)) / math.sqrt(len(rates)) if len(rates) > 1 else 0.0
    if spread > error > 0:
        low, high = (value + (end - value) * spread / error for end in (low, high))
    return Pooled(value, max(error, spread), min(value, max(0.0, low)), max(value, min(1.0, high)))
