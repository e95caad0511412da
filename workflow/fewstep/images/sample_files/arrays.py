"""The arrays of an .npz file that hold images and labels."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from fewstep.base import archive
from fewstep.base.errors import FewstepError
from fewstep.images.decode import MAX_PIXELS
from fewstep.images.sample_files.labels import labels_of_numbers
from fewstep.images.sample_files.sample_set import SampleFiles

IMAGE_KEYS = ("images", "arr_0", "samples")
LABEL_KEYS = ("labels", "arr_1")


class ArrayFile(SampleFiles):
    """The images of an .npz file; see `fewstep.images.sample_files.open_samples`."""

    def __init__(self, path: Path, classes: Sequence[str] | None) -> None:
        self.path = path
        self._key, label_key = array_keys(archive.array_names(path), path)
        shape, dtype = archive.array_shape(path, self._key)
        check_pixels(shape, dtype, f"{path}: {self._key}")
        self._count, self.shape = shape[0], (*shape[1:], 1)[:3]
        if self.shape[2] not in (1, 3):
            order = " ([N, C, H, W] is not read)" if self.shape[0] in (1, 3) else ""
            raise FewstepError(f"{path}: {self._key} has {self.shape[2]} channels; there must be 1 or 3{order}.")
        self.labels, self.class_names = None, None
        if label_key is not None:
            where = f"{path}: {label_key}"
            check_label_form(*archive.array_shape(path, label_key), self._count, where)
            given = next(archive.array_rows(path, label_key, self._count))
            self.labels, self.class_names = labels_of_numbers(given, classes, where)

    def __len__(self) -> int:
        return self._count

    def _blocks(self, size: int) -> Iterator[np.ndarray]:
        for images in archive.array_rows(self.path, self._key, size):
            yield images if images.ndim == 4 else images[..., None]


def array_keys(names: Iterable[str], path: Path) -> tuple[str, str | None]:
    """Which arrays of an .npz file hold the images and the labels (None: there are none).

    Raises:
        FewstepError: no images, or labels by another name; the sentence names the file.
    """
    names = list(names)
    image_key, label_key = (next((key for key in keys if key in names), None) for keys in (IMAGE_KEYS, LABEL_KEYS))
    if image_key is None:
        known = f"{', '.join(IMAGE_KEYS[:-1])} or {IMAGE_KEYS[-1]}"
        raise FewstepError(f"{path}: there is no array {known} (there are {', '.join(names) or 'none'}).")
    if label_key is None:
        archive.check_no_labels_among(names, LABEL_KEYS[0], str(path))
    return image_key, label_key


def check_pixels(shape: Sequence[int], dtype: np.dtype, where: str) -> None:
    """Refuse an array that is not one of images, uint8 [N, H, W, C] or [N, H, W] with N, H, W, C > 0."""
    if dtype != np.uint8 or len(shape) not in (3, 4):
        raise FewstepError(f"{where} is {dtype} of shape {tuple(shape)}; images are uint8 [N, H, W, C].")
    if shape[0] == 0:
        raise FewstepError(f"{where} holds no images.")
    if 0 in shape:
        raise FewstepError(f"{where} is of shape {tuple(shape)}; these images have no pixels.")
    if shape[1] * shape[2] > MAX_PIXELS:
        raise FewstepError(f"{where}: {shape[1]} x {shape[2]} pixels are too many for one image.")


def check_label_form(shape: Sequence[int], dtype: np.dtype, count: int, where: str) -> None:
    """Refuse an array that is not one of labels, integers [count]."""
    if dtype.kind not in "iu" or tuple(shape) != (count,):
        raise FewstepError(f"{where} is {dtype} of shape {tuple(shape)}; labels are integers of shape ({count},).")
