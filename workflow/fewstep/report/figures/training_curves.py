"""Training losses, each in its own panel: they have different meanings and cannot be compared."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from fewstep.base.errors import FewstepError
from fewstep.report.figures.axes import empty, log_axis
from fewstep.report.formatting import tick
from fewstep.report.inputs import Run
from fewstep.report.network_names import network_name
from fewstep.report.style import DOUBLE_COLUMN, Style

TITLE = "Loss against images seen"
CAPTION = "Loss against images seen, one panel per recipe: the losses differ in meaning and cannot be compared."
_COLUMNS, _POINTS = 4, 400
_TITLE_WIDTH = 24  # characters over a panel


@dataclass(frozen=True)
class Curve:
    """Training log of one network: columns images_seen and loss, the first one that the method logs."""

    method: str
    recipe: str
    log: pd.DataFrame
    training_seed: int = 0


def load(run: Run, dataset: str) -> list[Curve]:
    logs = sorted(run.files[dataset].losses.items())
    curves = [Curve(method, recipe, _log(path), seed) for (method, recipe, seed), path in logs]
    return [curve for curve in curves if len(curve.log) and curve.method in run.style.methods]


def _log(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise FewstepError(f"{path}: there is no such log of a training.")
    log = pd.read_csv(path)
    first = list(log).index("seconds") + 1
    return pd.DataFrame({"images_seen": log.images_seen, "loss": log.iloc[:, first]}).dropna()


def draw(curves: list[Curve], style: Style) -> Figure:
    """Small multiples: the loss as it was, pale, and its running median over a twentieth of the run."""
    if not curves:
        return empty(DOUBLE_COLUMN, "Nothing was trained in this run.")
    lines = -(-len(curves) // _COLUMNS)
    columns = -(-len(curves) // lines)
    fig = Figure(figsize=(DOUBLE_COLUMN, 0.35 + 1.45 * lines), layout="constrained")
    axes = np.atleast_1d(fig.subplots(lines, columns)).ravel()
    for ax, curve in zip(axes, curves, strict=False):
        _panel(ax, curve, style)
    for ax in axes[len(curves) :]:
        ax.remove()
    fig.supxlabel("images seen (thousands)", fontsize=7.5)
    fig.supylabel("loss", fontsize=7.5)
    return fig


def _panel(ax, curve: Curve, style: Style) -> None:
    colour = style.look(curve.method, "").colour
    log = curve.log.iloc[:: max(1, len(curve.log) // _POINTS)]
    seen = log.images_seen / 1000
    smooth = log.loss.rolling(max(1, len(log) // 20), center=True, min_periods=1).median()
    ax.plot(seen, log.loss, color=colour, alpha=0.3, linewidth=0.6)
    ax.plot(seen, smooth, color=colour, linewidth=1.4)
    positive = log.loss[log.loss > 0]
    if len(positive) == len(log):
        log_axis(ax.yaxis, positive.min(), positive.max())
    ax.xaxis.set_major_locator(MaxNLocator(3))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    ax.set_title(fill(network_name(curve.method, curve.recipe, curve.training_seed), _TITLE_WIDTH))
