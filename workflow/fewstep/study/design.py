"""Which real image meets which sample: every image is in one trial at most, so that none is known from an earlier."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from fewstep.base.errors import FewstepError
from fewstep.data.split import Split
from fewstep.images.noise import torch_generator
from fewstep.study.kinds import CATCH, PRACTICE, TRIAL, WITH_LOW_RESOLUTION, WITHOUT

# Shares of the pixels of a real image that change places to give what practice and catch trials show beside it. Nobody
# who looks takes such an image for real; no sample is shown with feedback, which would teach what gives samples away.
SCRAMBLED = {PRACTICE: 0.5, CATCH: 1.0}


@dataclass(frozen=True)
class Arm:
    """Samples of one cell: uint8 [N, H, W, C], in the order of their indices, and the labels asked for, or None."""

    method: str
    variant: str
    nfe: int
    images: np.ndarray
    labels: np.ndarray | None = None

    @property
    def name(self) -> str:
        return f"{self.method}/{self.variant} at {self.nfe} NFE"


@dataclass(frozen=True)
class Trial:
    """A real image beside another one, uint8 [H, W, C] each.

    Attributes:
        task: WITH_LOW_RESOLUTION or WITHOUT.
        kind: TRIAL, CATCH or PRACTICE.
        item: index of the real image among the test images.
        low: its low-resolution version [h, w, C], in task 1.
        arm: whose sample `other` is; None if it is a scrambled real image.
        sample: index of the sample.
    """

    task: int
    kind: str
    item: int
    real: np.ndarray
    other: np.ndarray
    low: np.ndarray | None = None
    arm: Arm | None = None
    sample: int | None = None


def design(real: Split, arms: Sequence[Arm], settings: Mapping[str, Any], low: np.ndarray | None = None) -> list[Trial]:
    """All trials that raters draw theirs from.

    Args:
        real: the test images, which no method was trained on.
        arms: what is compared.
        settings: the profile's section: `items` pairs per arm and task, `practice` and `catch` trials per task, `seed`.
        low: low-resolution versions of the test images, uint8 [N, h, w, C]: then sample i is paired with test image i,
            and there are both tasks; otherwise task 2 alone, with a sample of the same class where there are labels.

    Raises:
        FewstepError: too few images, or sample i has another label than test image i.
    """
    pool = _shuffled(len(real), settings["seed"], "items")
    tasks = (WITHOUT,) if low is None else (WITH_LOW_RESOLUTION, WITHOUT)
    trials = []
    for task in tasks:
        for arm in arms:
            pairs = _pairs(real, arm, pool, settings, paired=low is not None)
            pool = _without(pool, [item for item, _ in pairs])
            trials += [
                Trial(task, TRIAL, item, real.images[item], arm.images[sample], _low(low, item, task), arm, sample)
                for item, sample in pairs
            ]
        for kind in (CATCH, PRACTICE):
            if settings[kind] > len(pool):
                raise FewstepError(f"study.{kind}: {_too_few(len(real))}")
            items, pool = pool[: settings[kind]], pool[settings[kind] :]
            trials += [_foiled(real, item, task, kind, low, settings["seed"]) for item in items]
    return trials


def _pairs(
    real: Split, arm: Arm, pool: Sequence[int], settings: Mapping[str, Any], paired: bool
) -> list[tuple[int, int]]:
    """(test image, sample) of an arm, from those test images that are left."""
    if paired:
        _check_labels(real, arm)
        found = [(item, item) for item in pool if item < len(arm.images)]
    else:
        found = list(_same_class(real, arm, pool, settings["seed"]))
    if len(found) < settings["items"]:
        raise FewstepError(
            f"study.items: {settings['items']} pairs of {arm.name} are wanted, but only {len(found)} can be made of"
            f" {len(pool)} test images that no other pair has and {len(arm.images)} samples."
        )
    return found[: settings["items"]]


def _same_class(real: Split, arm: Arm, pool: Sequence[int], seed: int) -> Iterator[tuple[int, int]]:
    """Each test image with a sample of its class that was not used yet; classes that ran out are passed over."""
    labelled = real.labels is not None and arm.labels is not None
    waiting: dict[int, list[int]] = {}
    for sample in _shuffled(len(arm.images), seed, "samples", arm.name):
        waiting.setdefault(int(arm.labels[sample]) if labelled else 0, []).append(sample)
    for item in pool:
        if samples := waiting.get(int(real.labels[item]) if labelled else 0):
            yield item, samples.pop()


def _check_labels(real: Split, arm: Arm) -> None:
    if real.labels is not None and arm.labels is not None:
        both = min(len(real), len(arm.images))
        different = np.flatnonzero(real.labels[:both] != arm.labels[:both])
        if len(different):
            raise FewstepError(f"Sample {different[0]} of {arm.name} does not belong to test image {different[0]}.")


def _foiled(real: Split, item: int, task: int, kind: str, low: np.ndarray | None, seed: int) -> Trial:
    image = real.images[item]
    other = scrambled(image, SCRAMBLED[kind], torch_generator(seed, "study", kind, item))
    return Trial(task, kind, item, image, other, _low(low, item, task))


def scrambled(image: np.ndarray, share: float, generator: torch.Generator) -> np.ndarray:
    """The image [H, W, C] with a random share of its pixels in random order: it keeps its colours, not its content."""
    pixels = image.reshape(-1, image.shape[-1]).copy()
    moved = torch.randperm(len(pixels), generator=generator)[: round(share * len(pixels))].numpy()
    pixels[moved] = pixels[np.sort(moved)]
    return pixels.reshape(image.shape)


def _low(low: np.ndarray | None, item: int, task: int) -> np.ndarray | None:
    return low[item] if low is not None and task == WITH_LOW_RESOLUTION else None


def _shuffled(count: int, seed: int, *words: object) -> list[int]:
    return torch.randperm(count, generator=torch_generator(seed, "study", *words)).tolist()


def _without(pool: Sequence[int], used: Sequence[int]) -> list[int]:
    taken = set(used)
    return [item for item in pool if item not in taken]


def _too_few(count: int) -> str:
    return f"{count} test images are too few for that many trials in which none comes twice."
