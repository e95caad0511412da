"""Names of figures and tables, importable without matplotlib: the workflow lists its targets from them; of networks."""

from collections.abc import Mapping
from typing import Any

from fewstep.config import is_classified

FIGURES = (
    "distance_vs_nfe",
    "distance_vs_throughput",
    "precision_recall",
    "density_coverage",
    "sample_grid",
    "training_curves",
)

PAIRED_FIGURES = ("distance_vs_psnr",)  # of super-resolution data sets
SEARCH_FIGURES = ("searched_settings",)  # of data sets with a variant whose settings are searched

EDITS = "edits_"  # and the editing task: a table and a figure
TABLES = ("quality", "speed", "stages", "evaluation")
CLASSIFIER_TABLES = ("classifiers",)  # of data sets with a score by networks trained for it
SEARCH_TABLES = ("searched",)


def figures_of(section: Mapping[str, Any], cards: Mapping[str, Any]) -> tuple[str, ...]:
    """The figures of a data set, from its section of the profile."""
    paired = PAIRED_FIGURES if section["low_resolution"] else ()
    return FIGURES + paired + (SEARCH_FIGURES if searched(section, cards) else ())


def tables_of(section: Mapping[str, Any], cards: Mapping[str, Any]) -> tuple[str, ...]:
    """The tables of a data set, less those of its edits, from its section of the profile."""
    classified = CLASSIFIER_TABLES if is_classified(section) else ()
    return TABLES + classified + (SEARCH_TABLES if searched(section, cards) else ())


def searched(section: Mapping[str, Any], cards: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(method, variant) of those compared variants whose sampling settings are searched, sorted."""
    pairs = sorted(tuple(comparison.split("/")) for comparison in section["compare"])
    return [(method, variant) for method, variant in pairs if cards[method]["variants"][variant].get("search")]


def network_name(method: str, recipe: str, training_seed: int = 0) -> str:
    """How a network is called beside others."""
    name = method.replace("_", " ") + ("" if recipe == "default" else f", {recipe}")
    return name + (f", seed {training_seed}" if training_seed else "")
