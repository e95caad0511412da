"""What every source promises of its train and test images, in one sentence where it does not hold."""

from collections.abc import Sequence

import numpy as np

from fewstep.base.errors import FewstepError
from fewstep.data.split import Split, image_digests


def check_splits(splits: dict[str, Split], where: str) -> None:
    """Check what every source promises of train and test; `where` (a path or a source) begins the sentence.

    Raises:
        FewstepError: no images, not square, not 1 or 3 channels, train and test of other shapes, labels that
            are missing in one of them, negative, or not one per image.
    """
    for name, split in splits.items():
        if len(split) == 0:
            raise FewstepError(f"{where}: {name} holds no images.")
        check_shape(split.images.shape[1:], f"{where}: {name}")
        _check_labels(split, f"{where}: {name}")
    train, test = splits["train"], splits["test"]
    if train.images.shape[1:] != test.images.shape[1:]:
        shapes = " and ".join(" x ".join(map(str, s.images.shape[1:])) for s in (train, test))
        raise FewstepError(f"{where}: train and test images differ in shape ({shapes}).")
    if (train.labels is None) != (test.labels is None):
        raise FewstepError(f"{where}: {'train' if train.labels is None else 'test'} has no labels, the other has.")


def check_shape(shape: Sequence[int], where: str) -> None:
    """Refuse images [H, W, C] that are not square, or have neither 1 nor 3 channels."""
    height, width, channels = shape
    if channels not in (1, 3) and height in (1, 3):
        raise FewstepError(f"{where} images are [N, H, W, C]; this looks like [N, C, H, W].")
    if height != width:
        raise FewstepError(f"{where} images are {height} x {width} pixels; they must be square.")
    if channels not in (1, 3):
        raise FewstepError(f"{where} images have {channels} channels; they must have 1 or 3.")


def _check_labels(split: Split, where: str) -> None:
    if split.labels is None:
        return
    if split.labels.shape != (len(split),):
        raise FewstepError(f"{where} has {len(split)} images but labels of shape {split.labels.shape}.")
    if split.labels.min() < 0:
        row = int(np.argmin(split.labels))
        raise FewstepError(
            f"{where} has label {split.labels[row]} at row {row}; labels are 0 or more (leave out images"
            " that have none)."
        )


def shared_images(splits: dict[str, Split], where: str) -> int:
    """How many test images are training images as well.

    Raises:
        FewstepError: all are; held-out images that training saw are the floor of no distance.
    """
    train = set(image_digests(splits["train"].images))
    shared = sum(digest in train for digest in image_digests(splits["test"].images))
    if shared == len(splits["test"]):
        raise FewstepError(f"{where}: each test image is a training image as well, so that none is held out.")
    return shared
