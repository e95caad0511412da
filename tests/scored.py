"""Tables of scores and speed as a small run would write them, for tests of what compares them."""

import pandas as pd

from fewstep.results.baseline import distances

METRICS = {"fd_lenet": 10.0, "fd_lenet_bias": 1.0, "kid_lenet": 0.5, "precision": 0.6, "recall": 0.4}
# A row of every kind that is not of samples: (task, metric, value, protocol).
OTHERS = {
    "edit": ("edit/strokes", "fd_lenet", 12.0, "lenet"),
    "similarity of an edit": ("edit/strokes", "psnr", 18.0, "pixels"),
    "hook": ("evaluate", "bits_per_dim", 1.2, "hook"),
    "accuracy": ("labelled", "cas", 0.9, "accuracy"),
    "fool rate": ("generate", "fool_rate", 0.3, "fool-rate"),
}


def make_scores(scale=None, error=0.01, seeds=(0, 1, 2), metrics=METRICS, **changes):
    """Scores of one cell; `scale` multiplies metrics by name; standard errors are relative."""
    rows = []
    for seed in seeds:
        for metric, typical in metrics.items():
            value = typical * (1 + 0.001 * seed) * (scale or {}).get(metric, 1)
            rows.append({
                "schema_version": 3, "dataset": "toys", "task": "generate", "method": "edm", "variant": "heun",
                "nfe": 5, "training_seed": 0, "seed": seed, "metric": metric, "value": value,
                "standard_error": error * typical, "ci_low": value - 2 * error * typical,
                "ci_high": value + 2 * error * typical, "reason": None, "n_samples": 100, "fits": 0,
                "labels": "reference", "reference": "r", "extractor": "lenet", "protocol": "lenet", "provenance": "p",
            } | changes)  # fmt: skip
    return pd.DataFrame(rows)


def make_others(scale=None):
    """One row of each of OTHERS; `scale` multiplies values by the name of the kind."""
    return pd.concat([
        make_scores({metric: (scale or {}).get(kind, 1)}, seeds=(0,), metrics={metric: value}, task=task,
                    protocol=protocol)
        for kind, (task, metric, value, protocol) in OTHERS.items()
    ])  # fmt: skip


def make_speed(**changes):
    return pd.DataFrame([{
        "schema_version": 3, "dataset": "toys", "task": "generate", "method": "edm", "variant": "heun", "nfe": 5,
        "device": "cpu", "dtype": "float32", "batch": 64, "images_per_second": 10.0, "images_per_second_q25": 9.0,
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
    """A manifest whose scores are those of make_scores()."""
    scores = [score | changes for score in distances(make_scores(), "toys", "edm", ["heun"])]
    return {"seed": 0, "scores": scores}
