"""Reads the images that the report shows: sample i of every cell, for the same i, and real images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from fewstep.report.inputs import Run
from fewstep.report.summary import FLOOR


@dataclass(frozen=True)
class Strip:
    """Images 0..k-1 of one cell: uint8 [k, H, W, C]. `nfe` is None for real images."""

    method: str
    variant: str
    nfe: int | None
    label: str
    images: np.ndarray


def strips(run: Run, dataset: str) -> list[Strip]:
    """The first samples of every cell in the order of the tables, then real images.

    Where images are enlarged, the inputs come first, and the samples of a column belong to the real image at its end.

    Raises:
        FewstepError: a cell has no samples, or a shard is missing.
    """
    columns, real = run.grid_columns(dataset), run.files[dataset].real
    side = run.config["datasets"][dataset]["low_resolution"]
    shown = (first_images if side else spread_images)(real, columns)
    found = [Strip(FLOOR, "input", None, f"Input, {side} x {side} pixels", reduced(shown, side))] if side else []
    for row in run.summaries[dataset].ranked.itertuples():
        shards = run.shards(dataset, row.method, row.variant, int(row.nfe))
        found.append(Strip(row.method, row.variant, int(row.nfe), row.label, shards.first(columns)))
    name = "Real images" if run.is_whole(dataset) else "Real images (held out)"
    return [*found, Strip(FLOOR, "real", None, name, shown)]


def first_images(data: Path, count: int) -> np.ndarray:
    """The first images of a data set, uint8 [count, H, W, C], or all if there are fewer."""
    return _images(data)[:count]


def spread_images(data: Path, count: int) -> np.ndarray:
    """`count` images from all over a data set, which may be sorted by class: uint8 [k, H, W, C]."""
    images = _images(data)
    return images[np.arange(min(count, len(images))) * len(images) // min(count, len(images))]


def _images(data: Path) -> np.ndarray:
    with np.load(data, allow_pickle=False) as arrays:
        return arrays["images"]


def reduced(images: np.ndarray, side: int) -> np.ndarray:
    """Inputs of images uint8 [k, H, W, C]: reduced to `side` pixels, and shown at the old size in squares.

    By Pillow, whose bicubic is that of fewstep.images.resampling, since no report loads torch.
    """
    size = images.shape[2], images.shape[1]
    shown = [
        np.asarray(Image.fromarray(image.squeeze()).resize((side, side), Image.BICUBIC).resize(size, Image.NEAREST))
        for image in images
    ]
    return np.stack(shown).reshape(images.shape)


def tile(images: np.ndarray, columns: int, gap: int = 2, scale: int = 1) -> np.ndarray:
    """Images in one row, enlarged by whole pixels, with transparent gaps: uint8 [H, W, 4] (RGBA)."""
    height, width = (scale * n for n in images.shape[1:3])
    canvas = np.zeros((height, columns * width + (columns - 1) * gap, 4), np.uint8)
    for i, image in enumerate(images[:columns]):
        large = np.broadcast_to(image, (*image.shape[:2], 3)).repeat(scale, 0).repeat(scale, 1)
        left = i * (width + gap)
        canvas[:, left : left + width, :3] = large
        canvas[:, left : left + width, 3] = 255
    return canvas
