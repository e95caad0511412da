"""Images per second at the best batch size, alone and relative to the calibration network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch

from fewstep.speed.calibration import Calibration, drift
from fewstep.speed.rounds import Round, Task, timed_rounds
from fewstep.speed.settings import Settings
from fewstep.speed.warmup import warm_up
from fewstep.speed.workload import Timer, Workload, call_seconds, does_not_fit, is_out_of_memory

TOLERANCE = 0.03  # the best batch size is the smallest within this of the fastest
_SWEEP_ROUNDS = 3
_SWEEP_SECONDS = 10.0
_RESAMPLES = 2000


@dataclass(frozen=True)
class Throughput:
    """Throughput of a workload at `batch`, its best batch size.

    Attributes:
        images_per_second, q25, q75: median and quartiles over the rounds.
        relative, relative_low, relative_high: the same per image per second of the calibration network:
            median, and its 95 % bootstrap interval over the rounds.
        drift: of the machine, by the calibrations of these rounds (0.1 is 10 %).
        sweep: relative throughput by batch size.
        rounds: images per second and relative throughput of every round, for others to analyse again.
    """

    batch: int
    images_per_second: float
    q25: float
    q75: float
    relative: float
    relative_low: float
    relative_high: float
    drift: float
    sweep: dict[int, float]
    rounds: list[Round]


def measure_throughput(
    workloads: Sequence[Workload], settings: Settings, calibration: Calibration, timer: Timer
) -> list[Throughput]:
    """Sweep the batch sizes of each workload, warm up each at its best, then time all of them in turn.

    Raises:
        FewstepError: not even the smallest batch size of a workload fits into memory.
    """
    sweeps = [sweep_batches(workload, settings, calibration, timer) for workload in workloads]
    tasks = [
        _warm_task(workload, best_batch(sweep), settings, timer)
        for workload, sweep in zip(workloads, sweeps, strict=True)
    ]
    rounds, calibrations = timed_rounds(tasks, settings.rounds, calibration, timer)
    moved = drift(calibrations)
    return [summarise(t.batch, own, moved, s) for t, own, s in zip(tasks, rounds, sweeps, strict=True)]


def sweep_batches(workload: Workload, settings: Settings, calibration: Calibration, timer: Timer) -> dict[int, float]:
    """Relative throughput by batch size, up to the first size that does not fit into memory.

    The sizes are interleaved as well: a burst of other work must not choose the batch size.
    """
    tasks, pass_seconds = [], 0.0
    for batch in sorted(settings.batch_sizes):
        try:
            seconds = call_seconds(workload, batch, timer)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            torch.cuda.empty_cache()
            break
        tasks.append(Task(workload, batch, _calls(seconds, settings)))
        pass_seconds += max(seconds, settings.round_seconds)
    if not tasks:
        raise does_not_fit(workload, min(settings.batch_sizes))
    choices = _SWEEP_ROUNDS if len(tasks) > 1 else 1  # one size leaves no choice: its speed is only recorded
    affordable = min(choices, max(1, int(_SWEEP_SECONDS / pass_seconds)))
    rounds, _ = timed_rounds(tasks, affordable, calibration, timer)
    return {task.batch: median(r.relative for r in own) for task, own in zip(tasks, rounds, strict=True)}


def best_batch(sweep: dict[int, float]) -> int:
    """The smallest batch size within `TOLERANCE` of the fastest."""
    fastest = max(sweep.values())
    return min(batch for batch, speed in sweep.items() if speed >= (1.0 - TOLERANCE) * fastest)


def summarise(batch: int, rounds: list[Round], moved: float, sweep: dict[int, float]) -> Throughput:
    """Median, quartiles and bootstrap interval of the rounds of one workload."""
    q25, centre, q75 = (float(q) for q in np.quantile([r.images_per_second for r in rounds], [0.25, 0.5, 0.75]))
    ratios = np.array([r.relative for r in rounds])
    low, high = bootstrap_interval(ratios)
    return Throughput(batch, centre, q25, q75, float(np.median(ratios)), low, high, moved, sweep, rounds)


def bootstrap_interval(values: np.ndarray) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the median of `values` [n]; seeded, so it can be had again."""
    draws = np.random.default_rng(0).choice(values, size=(_RESAMPLES, len(values)))
    low, high = np.quantile(np.median(draws, axis=1), [0.025, 0.975])
    return float(low), float(high)


def _warm_task(workload: Workload, batch: int, settings: Settings, timer: Timer) -> Task:
    warm = warm_up(lambda: call_seconds(workload, batch, timer), settings.warmup_seconds)
    return Task(workload, batch, _calls(warm.seconds / warm.calls, settings))


def _calls(seconds: float, settings: Settings) -> int:
    """Calls of `seconds` each that fill a round."""
    return max(1, math.ceil(settings.round_seconds / seconds))
