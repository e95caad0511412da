"""An .npz file of images, as ADM and its descendants write them, or a folder with train.npz and test.npz."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.base.archive import array_names, array_shape, read_arrays
from fewstep.base.errors import FewstepError
from fewstep.base.stamps import below
from fewstep.data.roles import TEST, TRAIN, tell_choice, train_and_test
from fewstep.data.split import Split, hash_split
from fewstep.images.sample_files.arrays import array_keys, check_label_form, check_pixels


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """`path`: a file (split by pixel hash), or a folder with train.npz and test.npz.

    Each file holds images (key `images`, `arr_0` or `samples`; uint8 [N, H, W, C] or [N, H, W]) and perhaps labels
    (`labels` or `arr_1`; integers [N]).

    Raises:
        FewstepError: absent, damaged, a zip bomb, no images, or arrays of another type or shape; names file
            and key.
    """
    path = Path(spec["path"])
    if not path.is_dir():
        return hash_split(read_file(path), str(path))
    chosen = _chosen(path)
    tell_choice(_stems(path), chosen, str(path))
    return {role: read_file(path / f"{name}.npz") for role, name in chosen.items()}


def has_labels(path: Path) -> bool:
    """Whether the file, or the training file of a folder, has an array of labels."""
    file = _training_file(path)
    return array_keys(array_names(file), file)[1] is not None


def first_shape(path: Path) -> tuple[int, int, int]:
    """Height, width and channels of the images in the file, or in the training file of a folder; no pixel is read."""
    file = _training_file(path)
    key, _ = array_keys(array_names(file), file)
    shape, _ = array_shape(file, key)
    if len(shape) not in (3, 4):
        raise FewstepError(f"{file}: {key} is of shape {shape}; images are [N, H, W, C].")
    return shape[1], shape[2], shape[3] if len(shape) == 4 else 1


def files(path: Path) -> dict[str, str]:
    """What is read, by name below the folder."""
    return below(path, (".npz",)) if path.is_dir() else {"file": str(path)}


def read_file(path: Path) -> Split:
    """The images and labels of one file."""
    image_key, label_key = array_keys(array_names(path), path)
    arrays = read_arrays(path, [image_key] if label_key is None else [image_key, label_key])
    images = _checked_images(arrays[image_key], f"{path}: {image_key}")
    if label_key is None:
        return Split(images)
    return Split(images, _checked_labels(arrays[label_key], len(images), f"{path}: {label_key}"))


def _stems(folder: Path) -> list[str]:
    return sorted(file.stem for file in folder.glob("*.npz") if not file.name.startswith("."))


def _chosen(folder: Path) -> dict[str, str]:
    return train_and_test(_stems(folder), str(folder)) or {TRAIN: TRAIN, TEST: TEST}


def _training_file(path: Path) -> Path:
    return path / f"{_chosen(path)[TRAIN]}.npz" if path.is_dir() else path


def _checked_images(images: np.ndarray, where: str) -> np.ndarray:
    check_pixels(images.shape, images.dtype, where)
    return images if images.ndim == 4 else images[..., None]


def _checked_labels(labels: np.ndarray, count: int, where: str) -> np.ndarray:
    check_label_form(labels.shape, labels.dtype, count, where)
    if labels.max() > np.iinfo(np.int64).max:
        raise FewstepError(f"{where} holds {labels.max()}; labels are below 2^63.")
    return labels.astype(np.int64)
