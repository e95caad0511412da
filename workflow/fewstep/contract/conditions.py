"""What image i starts from beside its noise: a drawn label, a given label, a small image, what is known of an image.

A condition is built from prepared data, once for a cell, and completes the requests of batches. Image i of a cell
depends on entry i of its condition and on no other, whatever the batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from fewstep.base.errors import FewstepError
from fewstep.base.files import sha256_array, sha256_json
from fewstep.contract import edit_tasks as tasks
from fewstep.contract.method import SampleRequest
from fewstep.contract.models import label_tensor
from fewstep.data import Split, dealt, hold_out
from fewstep.data.fingerprints import split_fingerprint
from fewstep.images import noise
from fewstep.images.pixels import from_uint8
from fewstep.images.resampling import downsample
from fewstep.plan.cells import EDIT, ENLARGE, LABELLED, edit_of, kind_of
from fewstep.plan.edit_names import INTERPOLATION, PATH

REFERENCE = "reference"  # the rule by which labels have the shares of real images


class Condition(Protocol):
    """What the images of a cell start from.

    Attributes:
        key: digest, or plain data, of all that the pixels take from here.
        truth: digest of the real images that the made ones belong to, image i to image i; None where they belong to
            none. Shards carry it, so that they are scored against the very images that they belong to.
        count: images that can be made, None without a limit.
    """

    key: Any
    truth: str | None
    count: int | None

    def of(self, request: SampleRequest) -> SampleRequest:
        """The request of some indices, with what their images start from, on the request's device."""
        ...


def make(
    task: str, card: Mapping[str, Any], images: Split | None = None, labels: Mapping[str, Any] | None = None
) -> Condition:
    """The condition of a task.

    Args:
        task: of a cell.
        card: of the prepared data set (card.json).
        images: real images that the made ones belong to; None where labels are drawn.
        labels: `rule` and `split` of `class_counts`, where they are drawn.
    """
    kind = kind_of(task)
    if kind == LABELLED:
        return GivenLabels.of_split(images)
    if kind == ENLARGE:
        return SmallImages.of_split(images, card["low_resolution"])
    if kind == EDIT:
        return KnownContent(edit_of(task), dealt(images))
    return DrawnLabels(class_counts(card, **labels))


def class_counts(card: Mapping[str, Any], rule: str, split: str | None) -> list[int] | None:
    """Counts by class in whose shares labels of samples are drawn; None without labels.

    Args:
        card: of the prepared data set (card.json).
        rule: `reference`, the shares of the real images that samples are compared with; `uniform`, equal shares.
        split: of these real images, `train` or `test`.
    """
    if card["class_counts"] is None:
        return None
    return card["class_counts"][split] if rule == REFERENCE else [1] * card["classes"]


def drawn_by(condition: Condition, params: Mapping[str, Any]) -> str | None:
    """The rule by which labels were drawn; None where none are drawn, or where the method ignores them.

    Args:
        params: of the rule `sample`: `labels` and `conditional`.
    """
    is_drawn = isinstance(condition, DrawnLabels) and condition.counts and params["conditional"]
    return params["labels"]["rule"] if is_drawn else None


def truth_of(images: np.ndarray) -> str:
    """Digest of images uint8 [N, H, W, C] in their order."""
    return sha256_array(images)


@dataclass(frozen=True)
class DrawnLabels:
    """Each image draws its own label, in the shares of these counts by class; no labels where they are None."""

    counts: Sequence[int] | None
    truth = None
    count = None

    @property
    def key(self) -> list[int] | None:
        return noise.shares(self.counts) if self.counts else None

    def of(self, request: SampleRequest) -> SampleRequest:
        if not self.counts:
            return request
        labels = noise.labels(request.seed, request.indices, self.counts)
        return replace(request, labels=labels.to(request.device))


@dataclass(frozen=True)
class GivenLabels:
    """Image i has the label of real image i, int64 [N]; the two images are not compared with each other."""

    labels: Tensor
    truth = None

    @classmethod
    def of_split(cls, split: Split) -> "GivenLabels":
        return cls(label_tensor(split.labels))

    @property
    def count(self) -> int:
        return len(self.labels)

    @property
    def key(self) -> str:
        return sha256_array(self.labels.numpy())

    def of(self, request: SampleRequest) -> SampleRequest:
        return replace(request, labels=self.labels[list(request.indices)].to(request.device))


@dataclass(frozen=True)
class SmallImages:
    """Image i is made from real image i, reduced to a smaller side.

    Attributes:
        images: D(image i), [N, C, side, side] in [-1, 1].
        labels: int64 [N], or None.
        truth: digest of the images that were reduced, in their order.
    """

    images: Tensor
    labels: Tensor | None
    truth: str

    @classmethod
    def of_split(cls, split: Split, side: int) -> "SmallImages":
        return cls(downsample(from_uint8(split.images), side), label_tensor(split.labels), truth_of(split.images))

    def __len__(self) -> int:
        return len(self.images)

    @property
    def count(self) -> int:
        return len(self.images)

    @property
    def key(self) -> str:
        labels = None if self.labels is None else sha256_array(self.labels.numpy())
        return sha256_json([self.truth, list(self.images.shape), labels])

    def take(self, indices: Sequence[int]) -> "SmallImages":
        """The small images with these indices, in their order."""
        rows = torch.as_tensor(list(indices))
        return replace(self, images=self.images[rows], labels=None if self.labels is None else self.labels[rows])

    def of(self, request: SampleRequest) -> SampleRequest:
        here = self.take(request.indices)
        labels = None if here.labels is None else here.labels.to(request.device)
        return replace(request, low_resolution=here.images.to(request.device), labels=labels)


@dataclass(frozen=True)
class KnownContent:
    """Image i is made from what an editing task (fewstep.plan.edit_names.TASKS) leaves of real image i.

    All images of an interpolation's path have the index and the label of its first.
    """

    name: str
    real: Split

    @property
    def count(self) -> int:
        return len(self.real)

    @cached_property
    def truth(self) -> str:
        return truth_of(self.real.images)

    @cached_property
    def key(self) -> list[str]:
        return [self.name, self.truth, split_fingerprint(self.real)]

    def of(self, request: SampleRequest) -> SampleRequest:
        indices = list(request.indices)
        owners = [i - i % PATH for i in indices] if self.name == INTERPOLATION else indices
        labels = label_tensor(None if self.real.labels is None else self.real.labels[owners])
        request = replace(request, indices=owners, labels=None if labels is None else labels.to(request.device))
        truth = from_uint8(self.real.images[indices]).to(request.device)
        return replace(request, edit=tasks.make(self.name, truth, request, indices))


def training_images(split: Split, side: int | None) -> tuple[Split, SmallImages | None]:
    """The images of the training split to train on, and the small images that its validation images give.

    Without a side nothing is held out: only super-resolution needs images of its own to search and to show.
    """
    if side is None:
        return split, None
    data, validation = hold_out(split)
    return data, SmallImages.of_split(validation, side)


def check_count(condition: Condition, count: int, key: str) -> None:
    """Refuse more images than there are real ones that they could belong to; `key` of the profile asks for them."""
    if condition.count is not None and count > condition.count:
        raise FewstepError(
            f"{key}: {count} images are asked for, but there are {condition.count} real ones to start from; each gives"
            " one for each seed."
        )
