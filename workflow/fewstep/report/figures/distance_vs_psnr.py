"""Frechet distance against PSNR: the two do not rank super-resolution alike."""

from matplotlib.figure import Figure

from fewstep.report.figures.axes import empty
from fewstep.report.figures.scatter import scatter
from fewstep.report.inputs import Run
from fewstep.report.style import DOUBLE_COLUMN, Style
from fewstep.report.summary import Summary

TITLE = "Distance and PSNR"
CAPTION = (
    "Each point is one NFE setting with its 95 % intervals; small numbers are the ends of a method's NFE. The mean of "
    "all that an input leaves possible has the best PSNR, and is blurred; a single one of them is sharp "
    "and rarely the true one."
)


def load(run: Run, dataset: str) -> Summary:
    return run.summaries[dataset]


def draw(summary: Summary, style: Style) -> Figure:
    """The headline distance over PSNR with error bars, joined along NFE; without the truth, whose PSNR has no bound."""
    if summary.distance is None:
        return empty(DOUBLE_COLUMN, "No Frechet distance was measured.")
    return scatter(summary, style, "psnr", summary.distance.quantity.name, floor=False, log=True)
