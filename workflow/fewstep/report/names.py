"""Names of the figures, importable without matplotlib: the workflow lists its targets from them; and of networks."""

from collections.abc import Mapping
from typing import Any

FIGURES = (
    "distance_vs_nfe",
    "distance_vs_throughput",
    "precision_recall",
    "density_coverage",
    "sample_grid",
    "training_curves",
)

PAIRED_FIGURES = ("distance_vs_psnr",)  # of super-resolution data sets


def figures_of(section: Mapping[str, Any]) -> tuple[str, ...]:
    """The figures of a data set, from its section of the profile."""
    return FIGURES + (PAIRED_FIGURES if section["low_resolution"] else ())


def network_name(method: str, recipe: str) -> str:
    """How a network is called beside others."""
    return method.replace("_", " ") + ("" if recipe == "default" else f", {recipe}")
