"""Precision against recall: fidelity and variety."""

from matplotlib.figure import Figure

from fewstep.report.figures.scatter import CAPTION as CAPTION
from fewstep.report.figures.scatter import scatter
from fewstep.report.inputs import Run
from fewstep.report.style import Style
from fewstep.report.summary import Summary

TITLE = "Precision and recall"


def load(run: Run, dataset: str) -> Summary:
    return run.summaries[dataset]


def draw(summary: Summary, style: Style) -> Figure:
    """Precision (how good the samples are) over recall (how much of the real images they cover)."""
    return scatter(summary, style, "recall", "precision")
