"""Names of the report's figures and tables, importable without matplotlib."""

from typing import TYPE_CHECKING

from fewstep.plan.cells import EDIT

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan

EXTENSIONS = (".pdf", ".svg", ".png")  # of a figure
FORMATS = (".csv", ".md", ".tex")  # of a table

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
EDITS = "edits_"  # and the name of the task: a grid of edited images


def figures_of(plan: "Plan", dataset: str) -> list[str]:
    """The figures of a data set."""
    paired = PAIRED_FIGURES if plan.datasets[dataset]["low_resolution"] else ()
    searched = SEARCH_FIGURES if plan.searched(dataset) else ()
    return [*FIGURES, *paired, *searched, *(f"{EDITS}{task}" for task in plan.edits(dataset))]


def tables_of(plan: "Plan", dataset: str) -> list[str]:
    """The tables of a data set."""
    section = plan.datasets[dataset]
    trained = ["classifiers"] if "accuracy_score" in section or "fool_rate" in section else []
    searched = ["searched"] if plan.searched(dataset) else []
    edits = [f"edits_{task}" for task in plan.edits(dataset)] if plan.methods(dataset, EDIT) else []
    return ["quality", "speed", "stages", "evaluation", *trained, *searched, *edits]
