"""What is measured: label, unit and direction of every column of results.csv and speed.csv, in one place."""

import re
from dataclasses import dataclass

from fewstep.statistics import Interval

HIGHER, LOWER, UNRANKED = 1, -1, 0
_DISTANCE = r"(fid|fd_(.+?))"


@dataclass(frozen=True)
class Quantity:
    """One measured quantity.

    `direction` is HIGHER (better), LOWER (better) or UNRANKED (a description, not a merit).
    `scale` multiplies a value before it is shown (CSV files keep the raw one); `unit` names the scaled unit.
    `limits` bound the value, where it is a share. `clocked`: it came from a clock, and a busy machine spoils it.
    """

    name: str
    label: str
    direction: int
    meaning: str
    unit: str = ""
    scale: float = 1.0
    limits: Interval | None = None
    clocked: bool = False

    @property
    def heading(self) -> str:
        return f"{self.label} [{self.unit}]" if self.unit else self.label

    @property
    def arrow(self) -> str:
        return {HIGHER: "↑", LOWER: "↓", UNRANKED: ""}[self.direction]


_PARTS = {
    "": ("", LOWER, "raw, at this number of samples"),
    "_bias": (" bias", UNRANKED, "the part that the finite number of samples adds"),
    "_corrected": (" − bias", LOWER, "less the part that the finite number of samples adds"),
}

_SHARE = Interval(0.0, 1.0)

_FIXED = {
    quantity.name: quantity
    for quantity in (
        Quantity("precision", "precision", HIGHER, "share of samples within the real images' manifold", limits=_SHARE),
        Quantity("recall", "recall", HIGHER, "share of real images within the samples' manifold", limits=_SHARE),
        Quantity("density", "density", HIGHER, "how many real neighbourhoods hold a sample, on average"),
        Quantity("coverage", "coverage", HIGHER, "share of real neighbourhoods that hold a sample",
                 limits=_SHARE),
        Quantity("images_per_second", "images/s", HIGHER, "throughput at the best batch size measured", clocked=True),
        Quantity("batch", "batch", UNRANKED, "the batch size of the throughput"),
        Quantity("relative_throughput", "relative speed", HIGHER,
                 "images/s divided by that of a fixed calibration network timed in the same rounds", clocked=True),
        Quantity("latency_p50_ms", "latency p50", LOWER, "median time of one image at batch 1", "ms",
                 clocked=True),
        Quantity("latency_p90_ms", "latency p90", LOWER, "90th percentile of the time of one image", "ms",
                 clocked=True),
        Quantity("latency_p99_ms", "latency p99", LOWER, "99th percentile of the time of one image", "ms",
                 clocked=True),
        Quantity("flops_per_image", "GFLOP/image", LOWER, "arithmetic of one image", scale=1e-9),
        Quantity("parameters", "params", UNRANKED, "parameters of the sampled networks", "M", 1e-6),
        Quantity("peak_memory_mib", "peak memory", LOWER, "peak memory of one image made alone", "MiB"),
        Quantity("compile_seconds", "compile", UNRANKED, "time to compile, part of no other number", "s"),
    )
}  # fmt: skip


def describe(name: str) -> Quantity:
    """The quantity of a metric or speed column; one that is not known here is shown, but never ranked."""
    if name in _FIXED:
        return _FIXED[name]
    if match := re.fullmatch(rf"{_DISTANCE}(_bias|_corrected)?", name):
        suffix, direction, part = _PARTS[match[3] or ""]
        label = _on("FD", match[2]) if match[2] else "FID"
        return Quantity(name, label + suffix, direction, f"Frechet distance to the real images, {part}")
    if match := re.fullmatch(r"is(?:_(.+))?", name):
        return Quantity(name, _on("IS", match[1]), HIGHER, "Inception score: confident and varied classes")
    if match := re.fullmatch(r"kid(?:_(.+))?", name):
        meaning = "squared maximum mean discrepancy with a cubic kernel, unbiased"
        thousandths = {} if match[1] else {"unit": "10⁻³", "scale": 1e3}  # as papers print it, for Inception
        return Quantity(name, _on("KID", match[1]), LOWER, meaning, **thousandths)
    return Quantity(name, name.replace("_", " "), UNRANKED, "")


def _on(label: str, extractor: str | None) -> str:
    return f"{label} ({extractor})" if extractor else label


def is_distance(name: str) -> bool:
    """Whether a metric is a raw Frechet distance, the headline of the report."""
    return re.fullmatch(_DISTANCE, name) is not None and not name.endswith(("_bias", "_corrected"))


def order(name: str) -> tuple[int, str]:
    """Sort key of a metric: distances, then the rest in the order of the field's tables."""
    if is_distance(name):
        return 0, name
    groups = (".*_corrected", ".*_bias", "kid.*", "is.*", "precision", "recall", "density", "coverage")
    ranks = (rank for rank, pattern in enumerate(groups, start=1) if re.fullmatch(pattern, name))
    return next(ranks, len(groups) + 1), name
