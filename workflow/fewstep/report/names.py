"""Names of the figures, importable without matplotlib: the workflow lists its targets from them."""

FIGURES = (
    "distance_vs_nfe",
    "distance_vs_throughput",
    "precision_recall",
    "density_coverage",
    "sample_grid",
    "training_curves",
)
