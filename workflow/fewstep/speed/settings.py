"""How long and how often to measure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The timing protocol of a run; part of the identity of every timing.

    Attributes:
        batch_sizes: swept for the best throughput, ascending.
        rounds: timed rounds at the best batch size (10 or more for a number that is published).
        latency_calls, latency_seconds: latency at batch 1 stops at the first of the two.
        warmup_seconds: least length of a warm-up (see warmup.py for when it ends).
        round_seconds: a round repeats short calls for about so long, lest the clock or the scheduler matter.
        device, dtype: where and in what the workloads compute.
        threads: of a CPU. One, unless the machine is all yours: with other jobs beside it, one thread became
            5 times slower and its ratio to the calibration network moved by 12 %, while with two threads,
            which wait for each other at the end of every operator, both moved by a factor of 50.
    """

    batch_sizes: tuple[int, ...]
    rounds: int = 10
    latency_calls: int = 100
    latency_seconds: float = 5.0
    warmup_seconds: float = 2.0
    round_seconds: float = 0.1
    device: str = "cpu"
    dtype: str = "float32"
    threads: int = 1
