"""Samples of every cell: the same seed and index, hence the same noise and label, in the same column."""

import numpy as np
from matplotlib.figure import Figure

from fewstep.report.figures.axes import empty
from fewstep.report.formatting import evaluations
from fewstep.report.inputs import Run
from fewstep.report.strips import Strip, strips, tile
from fewstep.report.style import DOUBLE_COLUMN, MUTED, Style

TITLE = "Samples"
CAPTION = (
    "Uncurated: the first samples of the first seed. A column starts from the same noise and the same label; where "
    "images are enlarged, from the same input. Elsewhere the real images are from all over their set and belong to "
    "no column."
)
_DPI, _LABEL_PX, _GAP = 200, 400, 4  # one image pixel is a whole number of printed pixels
_HEIGHT_PX = 9 * _DPI  # what fits on a page of paper


def load(run: Run, dataset: str) -> list[Strip]:
    return strips(run, dataset)


def draw(rows: list[Strip], style: Style) -> Figure:
    """One row per strip with its name at the left; a wider gap parts the methods."""
    if not rows:
        return empty(DOUBLE_COLUMN, "No samples were kept.")
    columns = max(len(row.images) for row in rows)
    height, width = rows[0].images.shape[1:3]
    room = int(DOUBLE_COLUMN * _DPI) - _LABEL_PX - columns * _GAP
    scale = max(1, min(room // (columns * width), (_HEIGHT_PX // len(rows) - 2 * _GAP) // height))
    lefts = [tile(row.images, columns, _GAP, scale) for row in rows]
    tops = _tops(rows, height * scale)
    total = tops[-1] + height * scale
    fig = Figure(figsize=((_LABEL_PX + lefts[0].shape[1]) / _DPI, total / _DPI), dpi=_DPI)
    fig.figimage(_page(lefts, tops, total), xo=_LABEL_PX, yo=0, origin="upper")
    for before, row, top in zip([None, *rows], rows, tops, strict=False):
        y = 1 - (top + height * scale / 2) / total
        if before is None or before.label != row.label:
            fig.text(0, y, row.label, va="center", fontsize=6.5)
        if row.nfe is not None:
            x = (_LABEL_PX - 12) / fig.bbox.width
            fig.text(x, y, f"NFE {evaluations(row.nfe)}", ha="right", va="center", fontsize=6, color=MUTED)
    return fig


def _tops(rows: list[Strip], height: int) -> list[int]:
    """Pixel at which each row starts."""
    tops, top = [0], 0
    for before, row in zip(rows, rows[1:], strict=False):
        same = (before.method, before.variant) == (row.method, row.variant)
        top += height + (_GAP if same else 4 * _GAP)
        tops.append(top)
    return tops


def _page(strips_: list[np.ndarray], tops: list[int], total: int) -> np.ndarray:
    canvas = np.zeros((total, strips_[0].shape[1], 4), np.uint8)
    for strip, top in zip(strips_, tops, strict=True):
        canvas[top : top + strip.shape[0]] = strip
    return canvas
