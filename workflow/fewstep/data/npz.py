"""An .npz file of images, as ADM and its descendants write them, or a folder with train.npz and test.npz."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.data.archive import array_names, read_arrays
from fewstep.data.split import Split, hash_split
from fewstep.errors import FewstepError

IMAGE_KEYS = ("images", "arr_0")
LABEL_KEYS = ("labels", "arr_1")


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """`path`: a file (split by pixel hash), or a folder with train.npz and test.npz.

    Each file holds images (key `images` or `arr_0`; uint8 [N, H, W, C] or [N, H, W]) and perhaps labels
    (`labels` or `arr_1`; integers [N]).

    Raises:
        FewstepError: absent, damaged, a zip bomb, no images, or arrays of another type or shape; names file
            and key.
    """
    path = Path(spec["path"])
    if path.is_dir():
        return {name: read_file(path / f"{name}.npz") for name in ("train", "test")}
    return hash_split(read_file(path), str(path))


def has_labels(path: Path) -> bool:
    """Whether the file, or the folder's train.npz, has an array of labels."""
    names = array_names(path / "train.npz" if path.is_dir() else path)
    return any(key in names for key in LABEL_KEYS)


def read_file(path: Path) -> Split:
    """The images and labels of one file."""
    arrays = read_arrays(path)
    image_key = next((key for key in IMAGE_KEYS if key in arrays), None)
    if image_key is None:
        raise FewstepError(f"{path}: there is no array {' or '.join(IMAGE_KEYS)}.")
    images = _checked_images(arrays[image_key], f"{path}: {image_key}")
    label_key = next((key for key in LABEL_KEYS if key in arrays), None)
    if label_key is None:
        return Split(images)
    return Split(images, _checked_labels(arrays[label_key], len(images), f"{path}: {label_key}"))


def _checked_images(images: np.ndarray, where: str) -> np.ndarray:
    if images.dtype != np.uint8 or images.ndim not in (3, 4):
        raise FewstepError(f"{where} is {images.dtype} of shape {images.shape}; images are uint8 [N, H, W, C].")
    if len(images) == 0:
        raise FewstepError(f"{where} holds no images.")
    return images if images.ndim == 4 else images[..., None]


def _checked_labels(labels: np.ndarray, count: int, where: str) -> np.ndarray:
    if labels.dtype.kind not in "iu" or labels.shape != (count,):
        raise FewstepError(
            f"{where} is {labels.dtype} of shape {labels.shape}; labels are integers of shape ({count},)."
        )
    return labels.astype(np.int64)
