"""Intervals, pooling over seeds, and ties: how far a number in a table can be trusted."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from scipy.special import stdtrit

Z95 = 1.959963984540054  # two-sided 95 % quantile of the normal distribution


class Interval(NamedTuple):
    """A 95 % interval."""

    low: float
    high: float


class Pooled(NamedTuple):
    """A score, or the mean of several, with its standard error and 95 % interval."""

    value: float
    standard_error: float
    low: float
    high: float


def normal_interval(value: float, standard_error: float) -> Interval:
    """value +- 1.96 standard errors."""
    return Interval(value - Z95 * standard_error, value + Z95 * standard_error)


def wilson_interval(successes: float, count: float) -> Interval:
    """Wilson's score interval of a proportion (1927): inside [0, 1], and of positive width at 0 and at 1."""
    share = successes / count
    spread = Z95**2 / count
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    # Rounding must not leave the share itself outside.
    return Interval(min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)))


def pool_intervals(
    values: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    limits: Interval | None = None,
    shared: bool = False,
) -> Pooled:
    """Pool one metric over k seeds, each value with its 95 % interval, as `pool` does.

    The half-width of an interval counts as 1.96 standard errors, also where it is not symmetric: Wilson's has a width
    where a proportion is 0 or 1 and its standard error vanishes. The pooled interval stays within `limits`.
    """
    errors = [(high - low) / 2 / Z95 for low, high in zip(lows, highs, strict=True)]
    return _within(pool(values, errors, shared), limits)


def pool(values: Sequence[float], standard_errors: Sequence[float], shared: bool = False) -> Pooled:
    """Pool one metric over k seeds, each value with its analytic standard error.

    The standard error of the mean is sqrt(max(mean analytic variance, variance between seeds) / k): few seeds
    say little about their own spread, and the analytic error knows nothing of the sampler's. Where the spread
    governs, the interval takes Student's t with k - 1 degrees of freedom, otherwise the normal quantile.

    With `shared` every seed saw the same images, as in a comparison with truths: their choice, which is what the
    analytic error speaks of, is not averaged out, and only the spread between seeds falls with k.

    Raises:
        ValueError: no values, or another number of standard errors.
    """
    count = len(values)
    if not count or count != len(standard_errors):
        raise ValueError(f"pool() got {count} values and {len(standard_errors)} standard errors.")
    mean = math.fsum(values) / count
    analytic = math.fsum(error**2 for error in standard_errors) / count
    between = math.fsum((value - mean) ** 2 for value in values) / (count - 1) if count > 1 else 0.0
    analytic, between = analytic if shared else analytic / count, between / count
    quantile = float(stdtrit(count - 1, 0.975)) if between > analytic else Z95
    error = math.sqrt(max(analytic, between))
    return Pooled(mean, error, mean - quantile * error, mean + quantile * error)


def pool_trainings(trainings: Sequence[Pooled], limits: Interval | None = None, shared: bool = False) -> Pooled:
    """Pool one metric over k networks of one recipe, trained with different seeds; each pooled over its sampling seeds.

    A single training stays as it is: its interval is that of other samples of this network. That of several is
    Student's t interval of the trainings' means with k - 1 degrees of freedom: it holds the spread between trainings,
    and between their samples. Where every network saw the same images (`shared`, see `pool`), these means differ by no
    choice of the images, and the half-width of one training is added in quadrature. Where all means are equal, as
    shares of 0 are, the samples' own interval is what is known. The interval stays within `limits`.

    Raises:
        ValueError: no trainings.
    """
    count = len(trainings)
    if not count:
        raise ValueError("pool_trainings() got no trainings.")
    if count == 1:
        return _within(trainings[0], limits)
    mean = math.fsum(each.value for each in trainings) / count
    is_spread = len({each.value for each in trainings}) > 1
    between = math.fsum((each.value - mean) ** 2 for each in trainings) / (count - 1) / count if is_spread else 0.0
    within = math.fsum(each.standard_error**2 for each in trainings) / count
    within = within if shared else 0.0 if is_spread else within / count
    error = math.sqrt(within + between)
    half = math.hypot(Z95 * math.sqrt(within), float(stdtrit(count - 1, 0.975)) * math.sqrt(between))
    return _within(Pooled(mean, error, mean - half, mean + half), limits)


def _within(pooled: Pooled, limits: Interval | None) -> Pooled:
    """A pooled score with its interval cut to the limits."""
    if limits is None:
        return pooled
    return pooled._replace(low=max(limits.low, pooled.low), high=min(limits.high, pooled.high))


def ties(best: Pooled, other: Pooled) -> bool:
    """Whether `other` cannot be told from `best`: 0 lies within 95 % of their difference.

    The half-widths of the two intervals add in quadrature, so that t-quantiles of few seeds carry over.
    """
    half = math.hypot((best.high - best.low) / 2, (other.high - other.low) / 2)
    return abs(best.value - other.value) <= half
