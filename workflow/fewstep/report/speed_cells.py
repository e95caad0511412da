"""Reduces the batches of a speed table to one set of numbers per cell."""

import pandas as pd

SPEED_QUANTITIES = (
    "images_per_second", "batch", "relative_throughput", "latency_p50_ms", "latency_p90_ms", "latency_p99_ms",
    "flops_per_image", "parameters", "peak_memory_mib", "compile_seconds",
)  # fmt: skip
_INTERVALS = {
    "images_per_second": ("images_per_second_q25", "images_per_second_q75"),
    "relative_throughput": ("relative_low", "relative_high"),
}


def speed_cells(rows: pd.DataFrame) -> dict[tuple[str, str, int], dict[tuple[str, str], float]]:
    """Numbers of each (method, variant, nfe) on one machine, as {(quantity, "" | "_low" | "_high"): value}.

    They are those of the batch with the most images per second (latency, work and memory are of one image
    made alone, whatever the batch).
    """
    best = rows.loc[rows.groupby(["method", "variant", "nfe"]).images_per_second.idxmax()]
    return {(row.method, row.variant, int(row.nfe)): _numbers(row) for row in best.itertuples()}


def _numbers(row) -> dict[tuple[str, str], float]:
    found = {(name, ""): float(getattr(row, name)) for name in SPEED_QUANTITIES}
    for name, (low, high) in _INTERVALS.items():
        found |= {(name, "_low"): float(getattr(row, low)), (name, "_high"): float(getattr(row, high))}
    return found


def noisy_cells(speed: pd.DataFrame) -> set[tuple[str, str, str, int]]:
    """(dataset, method, variant, nfe) of which at least one timing was marked as noisy."""
    noisy = speed[speed.quality == "noisy"]
    return {(d, m, v, int(n)) for d, m, v, n in zip(noisy.dataset, noisy.method, noisy.variant, noisy.nfe, strict=True)}
