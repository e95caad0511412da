"""Axes, legends and labels that every figure shares."""

from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

from fewstep.report.formatting import tick
from fewstep.report.style import INK, MUTED
from fewstep.report.summary import Column, Summary

_ENTRY = 0.155  # height of a legend's entry in inches
_PLAIN = FuncFormatter(lambda value, _: tick(value))


def axis_label(column: Column) -> str:
    """The quantity, what its numbers share, and which way is better."""
    better = {1: ", higher is better ↑", -1: ", lower is better ↓", 0: ""}[column.quantity.direction]
    return column.quantity.heading + better


def log_axis(axis, low: float, high: float) -> None:
    """Logarithmic axis from a little below `low` to a little above `high`, with plain numbers as ticks."""
    margin = (high / low) ** 0.06 if high > low else 1.5
    low, high = low / margin, high * margin
    axis._set_axes_scale("log")
    axis.axes.set(**{f"{axis.axis_name}lim": (low, high)})
    decades = np.log10(high / low)
    subs = (1, 2, 5) if decades < 2.7 else (1, 3) if decades < 4 else (1,)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(_PLAIN)
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def nfe_axis(ax: Axes, settings: Iterable[int]) -> None:
    """Logarithmic NFE axis whose ticks are the settings themselves, less those that would touch."""
    settings = sorted(set(settings))
    log_axis(ax.xaxis, settings[0], settings[-1])
    span = np.log(settings[-1] / settings[0]) or 1
    kept: list[int] = []
    for nfe in settings:
        if not kept or np.log(nfe / kept[-1]) / span > 0.045:
            kept.append(nfe)
    ax.xaxis.set_major_locator(FixedLocator(kept))
    ax.set_xlabel("NFE (network evaluations per image)")


def legend(fig: Figure, summary: Summary, style, extra: Sequence[Line2D] = (), lines: bool = True) -> None:
    """One entry per variant in the order of the tables, in a column to the right of the axes.

    A figure that is lower than its legend is made higher.
    """
    handles = []
    for row in summary.ranked.drop_duplicates(["method", "variant"]).itertuples():
        look = style.look(row.method, row.variant)
        kwargs = look.lines if lines else look.points | {"linestyle": "none"}
        handles.append(Line2D([], [], label=row.label, **kwargs))
    handles = [*handles, *extra]
    fig.set_figheight(max(fig.get_figheight(), 0.2 + _ENTRY * len(handles)))
    fig.legend(handles=handles, loc="outside right upper")


def write_beside(ax: Axes, points: Sequence, texts: Sequence[str], colours: Sequence[str] = (), size=5.8) -> bool:
    """Small labels beside `points` [n, 2]; one that would touch a line, marker or other label is left out.

    Call it last: it needs the final limits and the final layout.

    Returns:
        Whether every label found a place.
    """
    ax.figure.draw_without_rendering()
    scale = ax.figure.dpi / 72  # pixels per point
    taken = _occupied(ax, scale)
    missing = 0
    for (x, y), text, colour in zip_longest(ax.transData.transform(points), texts, colours, fillvalue=MUTED):
        half = np.array([0.31 * size * len(text) + 0.5, 0.5 * size]) * scale
        for direction in _DIRECTIONS:
            centre = np.array([x, y]) + direction * (half + 3 * scale)
            box = (*(centre - half), *(centre + half))
            if _within(box, ax.bbox.extents) and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                place = ax.transData.inverted().transform(centre)
                ax.text(*place, text, ha="center", va="center", fontsize=size, color=colour)
                break
        else:
            missing += 1
    return missing == 0


_DIRECTIONS = np.array([(1, 0), (0, 1), (0, -1), (-1, 0), (0.9, 0.7), (0.9, -0.7), (-0.9, 0.7), (-0.9, -0.7)])


def _occupied(ax: Axes, scale: float) -> list[tuple]:
    """Boxes (x0, y0, x1, y1 in pixels) along everything that is drawn as a line or a marker."""
    boxes = []
    for line in ax.get_lines():
        points = line.get_transform().transform(line.get_xydata())
        radius = 2.5 * scale if line.get_marker() not in ("None", None) else 0.5 * scale
        boxes += [_box(point, radius) for point in points]
        if line.get_linestyle() != "None":
            for a, b in pairwise(points):
                steps = int(np.hypot(*(b - a)) / (2 * scale)) + 2
                boxes += [_box(a + (b - a) * t, 0.5 * scale) for t in np.linspace(0, 1, steps)]
    return boxes


def _box(point: np.ndarray, radius: float) -> tuple:
    return (*(point - radius), *(point + radius))


def _within(box: tuple, outer: np.ndarray) -> bool:
    return outer[0] <= box[0] and outer[1] <= box[1] and box[2] <= outer[2] and box[3] <= outer[3]


def _overlap(a: tuple, b: tuple) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def empty(width: float, why: str) -> Figure:
    """A figure that says why there is nothing to see."""
    fig = Figure(figsize=(width, 1.2))
    fig.text(0.5, 0.5, why, ha="center", va="center", color=INK)
    return fig
