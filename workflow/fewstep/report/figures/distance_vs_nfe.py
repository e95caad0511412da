"""Frechet distance against NFE: what each further network evaluation buys."""

from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pandas import DataFrame

from fewstep.report.figures.axes import axis_label, empty, legend, log_axis, nfe_axis, write_beside
from fewstep.report.inputs import Run
from fewstep.report.style import DOUBLE_COLUMN, MUTED, Style
from fewstep.report.summary import EXPECTED, Summary

TITLE = "Distance and NFE"
CAPTION = (
    "Bands: 95 % intervals, pooled over the seeds. Dashed: what as many real images are expected to score, unless the "
    "ones that were held out are the reference."
)

_NOTHING = 1e-9  # of the smallest distance: what rounding leaves of that of images to themselves
_FEW = 4  # as many lines carry their names; more have a legend


def load(run: Run, dataset: str) -> Summary:
    return run.summaries[dataset]


def draw(summary: Summary, style: Style) -> Figure:
    """Log-log lines with bands, one per variant, and the floor of held-out real images.

    Samples whose NFE nobody knows have no place here.
    """
    summary = replace(summary, frame=summary.frame[summary.frame.floor | (summary.frame.nfe > 0)])
    column = summary.distance
    rows = summary.ranked.dropna(subset=[column.key]) if column else summary.ranked[:0]
    if rows.empty:
        return empty(DOUBLE_COLUMN, "No Frechet distance was measured of samples whose NFE is known.")
    fig = Figure(figsize=(DOUBLE_COLUMN, 3.1), layout="constrained")
    ax = fig.add_subplot()
    for (method, variant), line in rows.groupby(["method", "variant"]):
        look = style.look(method, variant)
        line = line.sort_values("nfe")
        ax.fill_between(line.nfe, line[column.low].clip(lower=1e-12), line[column.high],
                        color=look.colour, alpha=0.15, linewidth=0)  # fmt: skip
        ax.plot(line.nfe, line[column.key], zorder=3, **look.lines)
    real = summary.floor.dropna(subset=[column.key])
    expected = real[real.variant == EXPECTED]
    floor = (expected if len(expected) else real)[column.key]
    floor = floor[floor > _NOTHING * rows[column.key].min()]
    extra = []
    if len(floor):
        dashed = {"color": MUTED, "linewidth": 0.9, "linestyle": (0, (2, 2))}
        ax.axhline(floor.iloc[0], **dashed)
        name = "expected" if len(expected) else "held out"
        extra = [Line2D([], [], label=f"Real images ({name})", **dashed)]
    drawn = [*rows[column.key], *floor]
    log_axis(ax.yaxis, min(drawn), max(drawn))
    nfe_axis(ax, rows.nfe)
    ax.set_ylabel(axis_label(column))
    ax.set_title(f"{summary.dataset}, {column.context}")
    ends = rows.sort_values("nfe").groupby(["method", "variant"]).tail(1)
    if len(ends) > _FEW or not _name_lines(ax, ends, column.key, style):
        legend(fig, summary, style, extra)
    return fig


def _name_lines(ax: Axes, ends: DataFrame, key: str, style: Style) -> bool:
    """Write the names at the ends of the lines; False, and nothing written, if one finds no room."""
    colours = [style.look(row.method, row.variant).colour for row in ends.itertuples()]
    if write_beside(ax, ends[["nfe", key]].to_numpy(), ends.label.tolist(), colours, size=6.5):
        return True
    for text in list(ax.texts):
        text.remove()
    return False
