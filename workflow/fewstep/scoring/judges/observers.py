"""Observers: small networks that learn to tell generated from real images, and are then asked about others.

A classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv:1610.06545) in the manner of SR3's human study
(arXiv:2104.07636, section 4.2). Every observer has the same size, number of images, epochs and seeds; all images are
8-bit arrays that came the same way; no source image is both learnt from and asked about. An observer sees but the first
bits of every grey level: in a black background it would find a trace of one grey level, which nobody sees, and then no
generator fools it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from fewstep.base.errors import FewstepError
from fewstep.images import noise
from fewstep.scoring.judges.architectures import ConvNet
from fewstep.scoring.judges.fitting import Normalisation, fit, outputs


@dataclass(frozen=True)
class Rules:
    """How every observer is trained, the same for all generators.

    Attributes:
        train_count: images of each side to learn from; the observer is asked about the others.
        epochs: passes over them.
        bits: of each grey level that the observer sees, 1 to 8.
    """

    train_count: int
    epochs: int
    bits: int


class Scores(NamedTuple):
    """How real an observer finds the images that it did not learn from: real ones [M], generated ones [N]."""

    real: np.ndarray
    fake: np.ndarray


def observe(real: np.ndarray, fake: np.ndarray, rules: Rules, seed: int, device: torch.device | str = "cpu") -> Scores:
    """The observer of one generator. Of equally many images on both sides, scores i are those of the i-th item of both.

    Args:
        real: held-out images that no generator was trained on, uint8 [N, H, W, C].
        fake: generated images, uint8 [M, H, W, C].
        rules: of its training.
        seed: of its weights; which real images it learns from is the same for every seed.

    Raises:
        FewstepError: a side has no images left to ask about.
    """
    return observe_all(real, [fake], rules, seed, device)[0]


def judge(
    real: np.ndarray, fake: np.ndarray, inputs: tuple[np.ndarray, np.ndarray] | None, rules: Rules, seed: int,
    device: torch.device | str = "cpu",
) -> dict[str, np.ndarray]:  # fmt: skip
    """Scores of the observers of one generator: `real` and `fake`.

    With `inputs`, those of the real and those of the generated images, pairs are scored too: by the same observer
    (`paired_`), and by one that sees each input beside its image (`input_shown_`).
    """
    answers = {"": observe(real, fake, rules, seed, device)}
    if inputs is not None:
        answers["paired_"] = answers[""]
        answers["input_shown_"] = observe(beside(inputs[0], real), beside(inputs[1], fake), rules, seed, device)
    return {f"{prefix}{side}": scores for prefix, sides in answers.items() for side, scores in sides._asdict().items()}


def observe_all(
    real: np.ndarray, fakes: Sequence[np.ndarray], rules: Rules, seed: int, device: torch.device | str = "cpu"
) -> list[Scores]:
    """One observer of several generators, which has seen equally many images of each; its scores of each."""
    sides = [parted(images, rules.train_count) for images in (real, *fakes)]
    # Of k generators the i-th gives every k-th image from the i-th on: as many generated images as real ones.
    mixed = np.concatenate([learnt[i :: len(fakes)] for i, (learnt, _) in enumerate(sides[1:])])
    score = _observer(sides[0][0], mixed, rules, seed, device)
    about_real = score(sides[0][1])
    return [Scores(about_real, score(asked)) for _, asked in sides[1:]]


def beside(inputs: np.ndarray, images: np.ndarray) -> np.ndarray:
    """What an observer sees that gets an input beside each image: uint8 [N, H, W, C] twice -> [N, H, W, 2 C]."""
    return np.concatenate([inputs, images], axis=-1)


def coarse(images: np.ndarray, bits: int) -> np.ndarray:
    """Grey levels rounded to multiples of 2^(8 - bits), uint8: all that an observer sees of images."""
    step = 1 << (8 - bits)
    return np.minimum((images.astype(np.int16) + step // 2) // step * step, 255).astype(np.uint8)


def parted(images: np.ndarray, train_count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images to learn from and to ask about; the order is drawn, since data sets are sorted by class.

    Arrays of the same length are parted alike: pairs stay together.
    """
    if not train_count < len(images):
        raise FewstepError(f"fool_rate.train_count: {train_count} of {len(images)} images leave none to ask about.")
    order = torch.randperm(len(images), generator=noise.torch_generator(0, "items")).numpy()
    return images[order[:train_count]], images[order[train_count:]]


def _observer(
    real: np.ndarray, fake: np.ndarray, rules: Rules, seed: int, device: torch.device | str
) -> Callable[[np.ndarray], np.ndarray]:
    """A function of images uint8 [N, H, W, C] that gives scores [N], higher for more real ones."""
    normalise = Normalisation.of(coarse(real, rules.bits))

    def seen(images: np.ndarray) -> torch.Tensor:
        return normalise(coarse(images, rules.bits))

    targets = torch.cat([torch.ones(len(real)), torch.zeros(len(fake))])
    make = partial(ConvNet, real.shape[3], 1, real.shape[1])
    network = fit(make, torch.cat([seen(real), seen(fake)]), targets, _loss, rules.epochs, seed, device)
    return lambda images: outputs(network, seen(images))[:, 0].numpy()


def _loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return nn.functional.binary_cross_entropy_with_logits(logits[:, 0], targets)
