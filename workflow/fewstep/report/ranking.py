"""Who is best, who is second, and whose difference to the best is not settled."""

import math
from collections.abc import Iterator, Sequence

from fewstep.base.statistics import Pooled, ties

BEST, SECOND, TIE = "best", "second", "tie"


def rank(
    values: Sequence[float], lows: Sequence[float], highs: Sequence[float], direction: int
) -> list[frozenset[str]]:
    """Marks of each value among comparable ones.

    BEST: the best value (all of them, if exactly equal). SECOND: the next value. TIE: not the best value, but
    its difference to the best may be 0 (`statistics.ties`). Missing values (NaN) get no mark and take part in nothing;
    a missing bound counts as the value. With `direction` 0, or unless two numbers differ, none is ranked.
    """
    present = [i for i, value in enumerate(values) if not math.isnan(value)]
    places = sorted({values[i] for i in present}, reverse=direction > 0)
    if direction == 0 or len(places) < 2:
        return [frozenset()] * len(values)
    pooled = [_pooled(*numbers) for numbers in zip(values, lows, highs, strict=True)]
    best = [pooled[i] for i in present if values[i] == places[0]]

    def marks(number: Pooled) -> Iterator[str]:
        if number.value == places[0]:
            yield BEST
            return
        if number.value == places[1]:
            yield SECOND
        if any(ties(other, number) for other in best):
            yield TIE

    return [frozenset(marks(number)) for number in pooled]


def _pooled(value: float, low: float, high: float) -> Pooled:
    return Pooled(value, math.nan, value if math.isnan(low) else low, value if math.isnan(high) else high)


def pareto(costs: Sequence[float], benefits: Sequence[float]) -> list[int]:
    """Indices of the points that no other point beats (lower `costs`, higher `benefits`), by falling benefit.

    A point is beaten by one that is at least as good in both and better in one; of twins the first is kept.
    Points with a NaN are left out.
    """
    points = [i for i in range(len(costs)) if not (math.isnan(costs[i]) or math.isnan(benefits[i]))]
    points.sort(key=lambda i: (-benefits[i], costs[i], i))
    front: list[int] = []
    lowest = math.inf
    for i in points:
        if costs[i] < lowest:
            front.append(i)
            lowest = costs[i]
    return front
