"""A .zip file of images, read as a folder of them is; sub-folders are classes (`fewstep.images.sample_files`)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.data.split import Split, hash_split
from fewstep.images.sample_files import open_samples

_BLOCK = 1024  # images


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """The images of the file `path`, split by pixel hash. Raises FewstepError as `open_samples` and its batches do."""
    found = open_samples(spec["path"])
    images = np.concatenate([images for images, _ in found.batches(_BLOCK)])
    return hash_split(Split(images, found.labels, found.class_names), spec["path"])


def has_labels(path: Path) -> bool:
    """Whether the images lie in two or more sub-folders."""
    return open_samples(path).has_labels


def first_shape(path: Path) -> tuple[int, int, int]:
    """Height, width and channels of the first image."""
    return open_samples(path).shape


def files(path: Path) -> dict[str, str]:
    """What is read."""
    return {"file": str(path)}
