"""Speed of samplers on a machine that may be shared.

Three numbers that are often mixed up are kept apart: throughput at the best batch size, latency at batch 1,
and the cost of the first call. Cells are timed in turn, round by round, between runs of a fixed calibration
network, so that each throughput is also a ratio that survives a machine whose speed drifts (duet
benchmarking, Bulej et al., ICPE 2020).
"""

from fewstep.speed.cache import load_or_measure
from fewstep.speed.sampler_workload import sampler_workload
from fewstep.speed.settings import Settings

__all__ = ["Settings", "load_or_measure", "sampler_workload"]
