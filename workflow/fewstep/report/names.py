"""Names of the figures, importable without matplotlib: the workflow lists its targets from them; and of networks."""

FIGURES = (
    "distance_vs_nfe",
    "distance_vs_throughput",
    "precision_recall",
    "density_coverage",
    "sample_grid",
    "training_curves",
)


def network_name(method: str, recipe: str) -> str:
    """How a network is called beside others."""
    return method.replace("_", " ") + ("" if recipe == "default" else f", {recipe}")
