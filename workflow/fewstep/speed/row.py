"""A measurement as a row of speed.csv."""

from typing import Any

from fewstep.speed.measure import Measurement
from fewstep.speed.settings import Settings


def speed_row(measurement: Measurement, settings: Settings, hardware: str) -> dict[str, Any]:
    """The measured columns of speed.csv; the caller adds schema_version, dataset, method, variant and nfe.

    Latency in ms, memory in MiB. FLOPs, network calls and peak memory are those of one image made alone, so
    that they do not hang on which batch size won; the FLOPs of each stage are written as a=1;b=2.
    """
    throughput, latency, resources = measurement.throughput, measurement.latency, measurement.resources
    return {
        "device": settings.device,
        "dtype": settings.dtype,
        "batch": throughput.batch,
        "images_per_second": throughput.images_per_second,
        "images_per_second_q25": throughput.q25,
        "images_per_second_q75": throughput.q75,
        "relative_throughput": throughput.relative,
        "relative_low": throughput.relative_low,
        "relative_high": throughput.relative_high,
        "latency_p50_ms": 1e3 * latency.p50,
        "latency_p90_ms": 1e3 * latency.p90,
        "latency_p99_ms": None if latency.p99 is None else 1e3 * latency.p99,
        "latency_calls": latency.calls,
        "measured_nfe": resources.measured_nfe,
        "network_calls": resources.network_calls,
        "flops_per_image": resources.flops,
        "stage_flops": ";".join(f"{stage}={count}" for stage, count in resources.stage_flops.items()),
        "parameters": resources.parameters,
        "peak_memory_mib": resources.peak_memory_mib,
        "compile_seconds": measurement.compile_seconds,
        "load1": measurement.load.load1,
        "quality": measurement.quality,
        "hardware": hardware,
    }
