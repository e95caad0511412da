"""What one user waits for one image: batch 1."""

from typing import NamedTuple

import numpy as np

from fewstep.speed.settings import Settings
from fewstep.speed.warmup import warm_up
from fewstep.speed.workload import Timer, Workload, call_seconds

MIN_CALLS = 10  # whatever the limits: the 90 % quantile of fewer is only the slowest call
_P99_CALLS = 100


class Latency(NamedTuple):
    """Quantiles in seconds over `calls` calls; `p99` is None below 100 calls, which cannot show it."""

    calls: int
    p50: float
    p90: float
    p99: float | None


def measure_latency(workload: Workload, timer: Timer, settings: Settings) -> Latency:
    """Time `generate(1)` up to the calls or the seconds of `settings`, but `MIN_CALLS` times at least."""
    warm_up(lambda: call_seconds(workload, 1, timer), settings.warmup_seconds)
    times: list[float] = []
    while len(times) < MIN_CALLS or (len(times) < settings.latency_calls and sum(times) < settings.latency_seconds):
        times.append(call_seconds(workload, 1, timer))
    return summarise(times)


def summarise(times: list[float]) -> Latency:
    """Quantiles of the observed seconds (linear interpolation)."""
    p50, p90, p99 = (float(q) for q in np.quantile(times, [0.5, 0.9, 0.99]))
    return Latency(len(times), p50, p90, p99 if len(times) >= _P99_CALLS else None)
