"""How training went: losses, and samples at a few points of each run."""

from pathlib import Path

import numpy as np

from fewstep.base.errors import FewstepError
from fewstep.report import strips as samples
from fewstep.report.blocks import Section, Strip, Strips
from fewstep.report.embed import png
from fewstep.report.inputs import Run, Trained
from fewstep.report.network_names import network_name
from fewstep.report.sections.pictures import pictures

_CAPTION = (
    "Samples while training, from the same noise and labels, after the number of steps at the left. Where there are "
    "classes, a column is of one class."
)
_GAP, _SIDE = 1, 32  # an image should not be larger on the page (CSS pixels)


def sections(run: Run, dataset: str, figures: Path) -> list[Section]:
    """Loss curves and snapshots of every network; nothing where there is none."""
    if not run.files[dataset].losses:
        return []
    rows = [row for network, path in sorted(run.files[dataset].snapshots.items()) for row in _rows(network, path)]
    blocks = pictures(("training_curves",), dataset, figures) + ([Strips(rows, _CAPTION)] if rows else [])
    return [Section(f"training-{dataset}", "Training", blocks)]


def _rows(network: Trained, path: Path) -> list[Strip]:
    name = network_name(*network)
    if not path.is_file():
        raise FewstepError(f"{path}: there are no such snapshots of a training.")
    with np.load(path, allow_pickle=False) as stored:
        steps, images = stored["steps"].tolist(), stored.get("images", [])
    return [_strip(name, step, taken) for step, taken in zip(steps, images, strict=True)]


def _strip(name: str, step: int, images: np.ndarray) -> Strip:
    count = len(images)
    image = samples.tile(images, count, _GAP, max(1, _SIDE // images.shape[1]))
    height, width = image.shape[:2]
    return Strip(name, f"{step:,}", None, png(image), width, height, f"{count} samples of {name} after {step:,} steps")
