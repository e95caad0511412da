"""Two scores against each other, joined along NFE: what precision_recall and density_coverage share."""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fewstep.report.figures.axes import axis_label, empty, legend, log_axis, write_beside
from fewstep.report.formatting import evaluations
from fewstep.report.style import DOUBLE_COLUMN, MUTED, Style
from fewstep.report.summary import Summary

CAPTION = (
    "Each point is one NFE setting with its 95 % intervals; small numbers are the ends of a method's NFE. "
    "Star: held-out real images, unless they are the reference."
)


def scatter(summary: Summary, style: Style, across: str, up: str, floor: bool = True, log: bool = False) -> Figure:
    """Scatter of the scores `up` over `across` with error bars, joined along NFE.

    `floor` also shows real images; `log` makes the axis of `up` logarithmic.
    """
    x, y = summary.find(across), summary.find(up)
    rows = summary.ranked.dropna(subset=[x.key, y.key]) if x and y else summary.ranked[:0]
    if rows.empty:
        return empty(DOUBLE_COLUMN, f"No cell has both {across} and {up}.")
    fig = Figure(figsize=(DOUBLE_COLUMN, 3.6), layout="constrained")
    ax = fig.add_subplot()
    for (method, variant), line in rows.groupby(["method", "variant"]):
        look = style.look(method, variant)
        line = line.sort_values("nfe")
        errors = {"xerr": _errors(line, x), "yerr": _errors(line, y)}
        ax.errorbar(line[x.key], line[y.key], **errors, fmt="none", ecolor=look.colour, elinewidth=0.6, alpha=0.45)
        ax.plot(line[x.key], line[y.key], zorder=3, **look.lines | {"linewidth": 0.8})
    real = summary.floor.dropna(subset=[x.key, y.key])
    extra = []
    if floor and len(real):
        star = {"marker": "*", "markersize": 8, "color": MUTED, "linestyle": "none"}
        ax.plot(real[x.key], real[y.key], zorder=3, **star)
        extra = [Line2D([], [], label="Real images (held out)", **star)]
    if log:
        log_axis(ax.yaxis, rows[y.key].min(), rows[y.key].max())
    ax.set(xlabel=axis_label(x), ylabel=axis_label(y))
    ax.set_title(f"{summary.dataset}, {x.context}")
    legend(fig, summary, style, extra)
    ends = rows.sort_values("nfe").groupby(["method", "variant"]).nth([0, -1])
    write_beside(ax, ends[[x.key, y.key]].to_numpy(), [evaluations(n) for n in ends.nfe])
    return fig


def _errors(line, column) -> list:
    values = line[column.key]
    return [(values - line[column.low]).clip(lower=0), (line[column.high] - values).clip(lower=0)]
