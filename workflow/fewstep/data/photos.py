"""Patches of the colour photographs that ship inside scikit-learn and scikit-image: real colour without a download.

Other pictures there are stereo twins of these, drawings, microscopy and astronomy.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fewstep.base.errors import FewstepError
from fewstep.data.package import file_in
from fewstep.data.split import Split

SIDE = 32
SKLEARN, SKIMAGE = "sklearn/datasets/images", "skimage/data"
# By photograph: no pixel of a test photograph, nor of its surroundings, is ever trained on.
TRAIN = (
    f"{SKIMAGE}/astronaut.png", f"{SKIMAGE}/coffee.png", f"{SKIMAGE}/motorcycle_left.png", f"{SKIMAGE}/rocket.jpg",
    f"{SKLEARN}/flower.jpg",
)  # fmt: skip
TEST = (f"{SKIMAGE}/chelsea.png", f"{SKLEARN}/china.jpg")


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """1,337 train and 386 test images of 32 x 32 pixels without labels: five photographs against two others.

    The patches of a photograph lie side by side and do not overlap; what is left over at the right and lower border is
    dropped.

    Raises:
        FewstepError: a photograph is not there.
    """
    files = {"train": TRAIN, "test": TEST}
    return {name: Split(np.concatenate([patches(_open(file)) for file in files[name]])) for name in files}


def files(path: Path | None) -> dict[str, str]:
    """What is read, inside the packages."""
    return {file: str(file_in(file)) for file in (*TRAIN, *TEST)}


def patches(image: np.ndarray, side: int = SIDE) -> np.ndarray:
    """The squares [N, side, side, C] that a picture [H, W, C] holds, row by row."""
    rows, columns, channels = image.shape[0] // side, image.shape[1] // side, image.shape[2]
    cut = image[: rows * side, : columns * side].reshape(rows, side, columns, side, channels)
    return cut.swapaxes(1, 2).reshape(-1, side, side, channels)


def _open(file: str) -> np.ndarray:
    """A photograph as uint8 [H, W, 3], from inside the package: its own loaders may download."""
    path = file_in(file)
    if not path.is_file():
        name = {"skimage": "scikit-image", "sklearn": "scikit-learn"}[file.partition("/")[0]]
        raise FewstepError(f"photos: {file} is not there; it comes with the package {name}.")
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))
