"""Calls whose time is thrown away: first calls pay for allocators, autotuning and caches."""

from collections.abc import Callable
from statistics import median
from typing import NamedTuple

MIN_CALLS = 5
MAX_CALLS = 10_000
LIMIT = 5.0  # a warm-up ends after so many times its least length, settled or not
SETTLED = 0.02
_WINDOW = 3


class WarmUp(NamedTuple):
    """How a warm-up went: its calls, their seconds, and whether the speed had settled at its end."""

    calls: int
    seconds: float
    settled: bool


def warm_up(call: Callable[[], float], least_seconds: float) -> WarmUp:
    """Repeat `call`, which returns its own seconds, until the speed settles.

    Settled: `MIN_CALLS` calls and `least_seconds` have passed, and the last three running medians (of three
    calls each) are within `SETTLED` of each other. A call that takes longer than the limit is made once.
    """
    seconds: list[float] = []
    while True:
        seconds.append(call())
        total = sum(seconds)
        enough = len(seconds) >= MIN_CALLS and total >= least_seconds
        settled = enough and _is_settled(seconds)
        if settled or total >= LIMIT * least_seconds or len(seconds) >= MAX_CALLS:
            return WarmUp(len(seconds), total, settled)


def _is_settled(seconds: list[float]) -> bool:
    count = len(seconds)
    medians = [median(seconds[end - _WINDOW : end]) for end in range(count - 2, count + 1)]
    return max(medians) <= (1.0 + SETTLED) * min(medians)
