"""All that is measured of a few workloads."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fewstep.speed.calibration import Calibration
from fewstep.speed.environment import Load, cpu_threads, machine_load, quality, require_dtype
from fewstep.speed.latency import Latency, measure_latency
from fewstep.speed.resources import Resources, measure_resources
from fewstep.speed.settings import Settings
from fewstep.speed.throughput import Throughput, measure_throughput
from fewstep.speed.workload import Timer, Workload, call_seconds, does_not_fit, is_out_of_memory


@dataclass(frozen=True)
class Measurement:
    """Speed and cost of one workload.

    Attributes:
        compile_seconds: what the very first call (at batch 1) took beyond a later one: compilation,
            autotuning, first allocations. In no other number.
        load: of the machine before the start.
        quality: `ok` or `noisy`, see environment.quality.
    """

    throughput: Throughput
    latency: Latency
    resources: Resources
    compile_seconds: float
    load: Load
    quality: str


def measure(
    workloads: Sequence[Workload],
    settings: Settings,
    clock: Callable[[], float] = time.perf_counter,
    calibration_forward: Callable[[], object] | None = None,
    load: Callable[[], Load] = machine_load,
) -> list[Measurement]:
    """Measure `workloads`, in this order and interleaved, on one device.

    Tests replace the clock, the calibration network's forward pass and the machine's load.

    Raises:
        FewstepError: the CPU cannot compute in `settings.dtype`; a workload does not deliver what it is asked
            for; not even the smallest batch fits into memory.
    """
    require_dtype(settings.device, settings.dtype)
    before = load()
    timer = Timer(settings.device, clock)
    with cpu_threads(settings.threads):
        first = [_first_call(workload, timer) for workload in workloads]
        latencies = [measure_latency(workload, timer, settings) for workload in workloads]
        throughputs = measure_throughput(workloads, settings, Calibration(timer, calibration_forward), timer)
        resources = [measure_resources(workload, settings.device) for workload in workloads]
    return [
        Measurement(own, latency, cost, max(0.0, cold - latency.p50), before, quality(before.others, own.drift))
        for own, latency, cost, cold in zip(throughputs, latencies, resources, first, strict=True)
    ]


def _first_call(workload: Workload, timer: Timer) -> float:
    try:
        return call_seconds(workload, 1, timer)
    except (RuntimeError, MemoryError) as error:
        if is_out_of_memory(error):
            raise does_not_fit(workload, 1) from error
        raise
