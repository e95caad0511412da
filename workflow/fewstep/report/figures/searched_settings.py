"""What the searches of sampling settings found: the distance of every candidate."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fewstep.base.statistics import Z95
from fewstep.report.figures.axes import empty, log_axis
from fewstep.report.inputs import Run
from fewstep.report.style import DOUBLE_COLUMN, Style
from fewstep.report.tables.searched import Search, name_of, searches
from fewstep.results import quantities

TITLE = "Searched settings"
CAPTION = (
    "Distance of validation images with each candidate, with 95 % intervals, one line for each NFE; filled: the one "
    "that was taken. Neither the seed nor the images of a search are scored anywhere else."
)
_COLUMNS = 2


def load(run: Run, dataset: str) -> list[Search]:
    return searches(run, dataset)


def draw(found: list[Search], style: Style) -> Figure:
    """One panel for each variant; candidates on a scale if each is one number, else by name."""
    if not found:
        return empty(DOUBLE_COLUMN, "Nothing was searched in this run.")
    lines = -(-len(found) // _COLUMNS)
    fig = Figure(figsize=(DOUBLE_COLUMN, 0.3 + 2.6 * lines), layout="constrained")
    axes = np.atleast_1d(fig.subplots(lines, min(_COLUMNS, len(found)))).ravel()
    for ax, search in zip(axes, found, strict=False):
        _panel(ax, search, style)
    for ax in axes[len(found) :]:
        ax.remove()
    return fig


def _panel(ax: Axes, search: Search, style: Style) -> None:
    colour, extremes = style.look(search.method, search.variant).colour, []
    settings = search.by_nfe
    for strength, (nfe, made) in zip(np.linspace(1, 0.35, len(settings))[::-1], settings, strict=True):
        places = _places([score["settings"] for score in made["scores"]])
        order = np.argsort(places)
        values = np.array([score["value"] for score in made["scores"]])[order]
        errors = Z95 * np.array([score["standard_error"] for score in made["scores"]])[order]
        places = np.array(places)[order]
        line = "-" if _is_number(made["scores"][0]["settings"]) else "none"
        look = {"linestyle": line, "color": colour, "alpha": strength, "marker": "o", "markerfacecolor": "white"}
        ax.errorbar(places, values, errors, linewidth=1, elinewidth=0.6, markersize=3.5, label=f"{nfe} NFE", **look)
        best = values.argmin()
        ax.plot(places[best], values[best], "o", color=colour, alpha=strength, markersize=4.5, zorder=4)
        extremes += [*(values + errors), *np.maximum(values - errors, values / 3)]
    log_axis(ax.yaxis, min(extremes), max(extremes))
    names, first = [name_of(score["settings"]) for score in made["scores"]], made["scores"][0]["settings"]
    if _is_number(first):
        ax.set_xlabel(next(iter(first)))
    else:
        ax.set_xticks(range(len(names)), names, rotation=30, ha="right")
    ax.set_ylabel(quantities.describe(made["distance"]).heading)
    ax.set_title(search.label)
    ax.legend(loc="best")


def _is_number(settings: Mapping[str, Any]) -> bool:
    return len(settings) == 1 and isinstance(next(iter(settings.values())), int | float)


def _places(candidates: list[Mapping[str, Any]]) -> list[float]:
    return [next(iter(c.values())) if _is_number(c) else i for i, c in enumerate(candidates)]
