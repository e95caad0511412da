"""Tables of results and speed as a small run would write them, for tests of what compares them."""

import pandas as pd

from fewstep.baseline import distances

METRICS = {"fd_lenet": 10.0, "fd_lenet_bias": 1.0, "kid_lenet": 0.5, "precision": 0.6, "recall": 0.4}


def make_results(scale=None, error=0.01, seeds=(0, 1, 2), **changes):
    """Scores of one cell; `scale` multiplies metrics by name; standard errors are relative."""
    rows = []
    for seed in seeds:
        for metric, typical in METRICS.items():
            value = typical * (1 + 0.001 * seed) * (scale or {}).get(metric, 1)
            rows.append({
                "schema_version": 2, "dataset": "toys", "method": "edm", "variant": "heun", "nfe": 5,
                "seed": seed,
                "metric": metric, "value": value, "standard_error": error * typical,
                "ci_low": value - 2 * error * typical, "ci_high": value + 2 * error * typical,
                "reason": None, "n_samples": 100, "labels": "reference",
                "reference": "r", "extractor": "lenet", "provenance": "p",
            } | changes)  # fmt: skip
    return pd.DataFrame(rows)


def make_speed(**changes):
    return pd.DataFrame([{
        "schema_version": 2, "dataset": "toys", "method": "edm", "variant": "heun", "nfe": 5, "device": "cpu",
        "dtype": "float32", "batch": 64, "images_per_second": 10.0, "images_per_second_q25": 9.0,
        "images_per_second_q75": 11.0, "relative_throughput": 0.5, "relative_low": 0.45,
        "relative_high": 0.55,
        "latency_p50_ms": 1.0, "latency_p90_ms": 2.0, "latency_p99_ms": 3.0, "latency_calls": 100,
        "measured_nfe": 5.0,
        "network_calls": 5, "flops_per_image": 123_456_789_012.0, "stage_flops": "model=123456789012",
        "parameters": 1000,
        "peak_memory_mib": 100.0,
        "compile_seconds": 0.0, "load1": 0.3, "quality": "ok", "hardware": "h",
    } | changes])  # fmt: skip


def zoo_manifest(**changes):
    """A manifest whose scores are those of make_results()."""
    return {"scores": [score | changes for score in distances(make_results(), "toys", "edm", ["heun"])]}
