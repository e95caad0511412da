"""The one shape of data in Fewstep, and the two rules that part it into train and test.

Both rules look at the pixels alone, so neither the order of the files nor a library's random numbers change
a split.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from fewstep.errors import FewstepError

HASH_SPLIT_TEST_SHARE = 10  # one image in ten goes to test
VALIDATION_STRIDE = 10  # one training image in ten is held out where settings are searched on images


@dataclass(frozen=True)
class Split:
    """images: uint8 [N, H, W, C], 0..255, C = 1 (grey) or 3 (RGB); labels: int64 [N], 0..K-1, or None."""

    images: np.ndarray
    labels: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: np.ndarray) -> "Split":
        """The images (and labels) at `indices`, in that order."""
        return Split(self.images[indices], None if self.labels is None else self.labels[indices])


def image_digests(images: np.ndarray) -> list[bytes]:
    """sha256 of each image's shape and pixels."""
    head = str(images.shape[1:]).encode()
    return [hashlib.sha256(head + np.ascontiguousarray(image).data).digest() for image in images]


def hash_split(data: Split, where: str) -> dict[str, Split]:
    """Send an image to test when its pixel digest is divisible by ten, else to train; the order is kept.

    Equal images land on the same side (none leaks into test), and adding images moves none of the old ones.

    Raises:
        FewstepError: one side stays empty; the sentence names `where` (a path).
    """
    is_test = np.array([int.from_bytes(d[:8], "big") % HASH_SPLIT_TEST_SHARE == 0 for d in image_digests(data.images)])
    if is_test.all() or not is_test.any():
        raise FewstepError(f"{where}: {len(data)} images are too few to part; give train and test apart.")
    return {"train": data.take(np.flatnonzero(~is_test)), "test": data.take(np.flatnonzero(is_test))}


def stratified_split(data: Split, test_count: int) -> dict[str, Split]:
    """Send `test_count` images to test, each class in proportion (largest remainder); the order is kept.

    Within a class, those with the smallest pixel digests go.
    """
    assert data.labels is not None
    digests = image_digests(data.images)
    is_test = np.zeros(len(data), bool)
    for label, quota in enumerate(_proportional(np.bincount(data.labels), test_count)):
        members = np.flatnonzero(data.labels == label)
        is_test[sorted(members, key=lambda i: digests[i])[:quota]] = True
    return {"train": data.take(np.flatnonzero(~is_test)), "test": data.take(np.flatnonzero(is_test))}


def by_digest(data: Split) -> Split:
    """The split in the order of its pixel digests, which mixes classes and depends on nothing but the images."""
    digests = image_digests(data.images)
    return data.take(np.array(sorted(range(len(data)), key=lambda i: digests[i])))


def hold_out(data: Split) -> tuple[Split, Split]:
    """A split without every tenth image, and those: the validation images, which training does not see."""
    is_validation = np.arange(len(data)) % VALIDATION_STRIDE == VALIDATION_STRIDE - 1
    return data.take(np.flatnonzero(~is_validation)), data.take(np.flatnonzero(is_validation))


def _proportional(counts: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers in proportion to `counts` that add up to `total`; ties go to the lower class."""
    exact = counts * total / counts.sum()
    quotas = np.floor(exact).astype(int)
    by_remainder = np.argsort(quotas - exact, kind="stable")
    quotas[by_remainder[: total - quotas.sum()]] += 1
    return quotas


def check_splits(splits: dict[str, Split], where: str) -> None:
    """Check what every source promises of train and test; `where` (a path or a source) begins the sentence.

    Raises:
        FewstepError: no images, not square, not 1 or 3 channels, train and test of other shapes, labels that
            are missing in one of them, negative, or not one per image.
    """
    for name, split in splits.items():
        if len(split) == 0:
            raise FewstepError(f"{where}: {name} holds no images.")
        height, width, channels = split.images.shape[1:]
        if height != width:
            raise FewstepError(f"{where}: {name} images are {height} x {width} pixels; they must be square.")
        if channels not in (1, 3):
            raise FewstepError(f"{where}: {name} images have {channels} channels; they must have 1 or 3.")
        _check_labels(split, f"{where}: {name}")
    train, test = splits["train"], splits["test"]
    if train.images.shape[1:] != test.images.shape[1:]:
        shapes = " and ".join(" x ".join(map(str, s.images.shape[1:])) for s in (train, test))
        raise FewstepError(f"{where}: train and test images differ in shape ({shapes}).")
    if (train.labels is None) != (test.labels is None):
        raise FewstepError(f"{where}: {'train' if train.labels is None else 'test'} has no labels, the other has.")


def _check_labels(split: Split, where: str) -> None:
    if split.labels is None:
        return
    if split.labels.shape != (len(split),):
        raise FewstepError(f"{where} has {len(split)} images but labels of shape {split.labels.shape}.")
    if split.labels.min() < 0:
        row = int(np.argmin(split.labels))
        raise FewstepError(f"{where} has label {split.labels[row]} at row {row}; labels count from 0.")
