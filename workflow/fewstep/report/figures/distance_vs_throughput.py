"""Frechet distance against images per second: what speed costs."""

from textwrap import shorten

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fewstep.report.figures.axes import axis_label, empty, legend, log_axis, write_beside
from fewstep.report.inputs import Run
from fewstep.report.ranking import pareto
from fewstep.report.style import DOUBLE_COLUMN, GRID, MUTED, Style
from fewstep.report.summary import Summary

TITLE = "Distance and throughput"
CAPTION = (
    "Each point is one NFE setting (the small number). Staircase: the Pareto front, which no point beats in both; "
    "timings of a busy machine are not part of it."
)


def load(run: Run, dataset: str) -> Summary:
    return run.summaries[dataset]


def draw(summary: Summary, style: Style) -> Figure:
    """Log-log scatter joined along NFE; the shaded staircase is the Pareto front."""
    distance, speed = summary.distance, summary.find("images_per_second")
    rows = summary.ranked.dropna(subset=[distance.key, speed.key]) if distance and speed else summary.ranked[:0]
    if rows.empty:
        return empty(DOUBLE_COLUMN, "No cell has both a Frechet distance and a throughput.")
    fig = Figure(figsize=(DOUBLE_COLUMN, 3.1), layout="constrained")
    ax = fig.add_subplot()
    log_axis(ax.xaxis, rows[speed.key].min(), rows[speed.key].max())
    log_axis(ax.yaxis, rows[distance.key].min(), rows[distance.key].max())
    quiet = rows[~rows.noisy]
    if len(quiet):
        front = quiet.iloc[pareto(quiet[distance.key].tolist(), quiet[speed.key].tolist())]
        _staircase(ax, front[speed.key].tolist(), front[distance.key].tolist())
    for (method, variant), line in rows.groupby(["method", "variant"]):
        look = style.look(method, variant)
        line = line.sort_values("nfe")
        ax.plot(line[speed.key], line[distance.key], zorder=3, **look.lines | {"linewidth": 0.8})
    ax.set(xlabel=axis_label(speed), ylabel=axis_label(distance))
    ax.set_title(f"{summary.dataset}, {distance.context}; {shorten(speed.context, 60)}")
    legend(fig, summary, style, [Line2D([], [], color=MUTED, linewidth=1.1, label="Pareto front")])
    write_beside(ax, rows[[speed.key, distance.key]].to_numpy(), [str(n) for n in rows.nfe])
    return fig


def _staircase(ax, throughput: list[float], distance: list[float]) -> None:
    """The region that the front dominates, by falling throughput; it goes on to the edges of the axes."""
    left, top = ax.get_xlim()[0], ax.get_ylim()[1]
    xs, ys = [throughput[0]], [top]
    for x, y in zip(throughput, distance, strict=True):
        xs += [x, x]
        ys += [ys[-1], y]
    xs, ys = [*xs, left], [*ys, ys[-1]]
    ax.fill_between(xs, ys, top, color=GRID, alpha=0.45, linewidth=0, zorder=0.5)
    ax.plot(xs, ys, color=MUTED, linewidth=1.1, zorder=1)
