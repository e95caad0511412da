"""What a super-resolution method starts from: sample i belongs to image i of a split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fewstep.data import Split, hold_out, read_split
from fewstep.errors import FewstepError
from fewstep.files import sha256_array, sha256_json
from fewstep.images import from_uint8
from fewstep.resampling import downsample


@dataclass(frozen=True)
class Inputs:
    """Reduced images with their labels.

    Attributes:
        images: D(image i), [N, C, side, side] in [-1, 1].
        labels: int64 [N], or None.
        truth: digest of the images that were reduced, in their order. Samples carry it, so that they are scored against
            the very images that they belong to.
    """

    images: Tensor
    labels: Tensor | None
    truth: str

    def __len__(self) -> int:
        return len(self.images)

    @property
    def key(self) -> str:
        """Digest of everything that a sample takes from here: the small images (by their truth and size) and labels."""
        labels = None if self.labels is None else sha256_array(self.labels.numpy())
        return sha256_json([self.truth, list(self.images.shape), labels])

    def of(self, indices: Sequence[int]) -> tuple[Tensor, Tensor | None]:
        """The reduced images and labels of samples `indices`, in their order."""
        rows = torch.as_tensor(list(indices))
        return self.images[rows], None if self.labels is None else self.labels[rows]


def truth_of(images: np.ndarray) -> str:
    """Digest of images uint8 [N, H, W, C] in their order."""
    return sha256_array(images)


def reduced(split: Split, side: int) -> Inputs:
    """The inputs that a split gives at `side` pixels."""
    labels = None if split.labels is None else torch.from_numpy(split.labels).long()
    return Inputs(downsample(from_uint8(split.images), side), labels, truth_of(split.images))


def inputs_of(card: Mapping[str, Any], path: str | Path) -> Inputs | None:
    """The inputs that a split of a prepared data set (card.json) gives; None unless it is for super-resolution."""
    return reduced(read_split(path), card["low_resolution"]) if card["low_resolution"] else None


def training_images(split: Split, side: int | None) -> tuple[Split, Inputs | None]:
    """The images of the training split to train on, and the inputs that its validation images give at `side` pixels.

    Without a side nothing is held out: only super-resolution needs images of its own to search and to show.
    """
    if side is None:
        return split, None
    data, validation = hold_out(split)
    return data, reduced(validation, side)


def check_count(inputs: Inputs | None, count: int, dataset: str) -> None:
    """Refuse more samples than there are images that they could belong to."""
    if inputs is not None and count > len(inputs):
        raise FewstepError(
            f"datasets.{dataset}.samples.count: {count} samples are asked for, but there are {len(inputs)} test images "
            "to start from; each gives one sample for each seed."
        )
