"""Controls of the machine fool rate: pairs of images for which it is known what an observer must say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from fewstep.contract import models
from fewstep.contract.conditions import Condition
from fewstep.contract.method import ImageShape
from fewstep.images import noise
from fewstep.plan.cells import Cell
from fewstep.sampling.sampler import Sampler
from fewstep.scoring.judges.items import Items
from fewstep.scoring.judges.observers import Rules, judge
from fewstep.scoring.judges.stored_answers import HELD_OUT, NOISY, UNTRAINED, Setting

NOISE = 1.0  # standard deviation in grey levels, of the control that no eye would notice
LOOKS = 20_000  # images, each as often as it is seen, from which the observer learns that looks for the noise


def observe_controls(
    items: Items, untrained_samples: np.ndarray, rules: Rules, seed: int, device: torch.device | str = "cpu"
) -> dict[Setting, dict[str, np.ndarray]]:
    """Scores of the three controls, with the names of `judge`.

    The noise goes to an unrestricted observer, which finds what the others would go by if they saw more and learnt for
    longer. Every image with noise belongs to one without, so that there are always pairs. Where there are inputs, each
    image is seen beside its own input, also in the halves, whose two sides come from the same distribution: there the
    observer must guess.

    Args:
        items: the held-out images.
        untrained_samples: samples of an untrained network, uint8 [N, H, W, C].
        rules: of every observer's training; of halves there are fewer images to learn from.
        seed: of the observers, the halves and the noise.
    """
    real, shown = items.real, items.shown
    both, dealt = (None, None) if shown is None else ((shown, shown), halves(shown, seed))
    fewer = replace(rules, train_count=min(rules.train_count, len(real) // 4))
    found = judge(real, noisy(real, seed), both, unrestricted(len(real)), seed, device)
    return {
        HELD_OUT: judge(*halves(real, seed), dealt, fewer, seed, device),
        NOISY: found | {"paired_real": found["real"], "paired_fake": found["fake"]},
        UNTRAINED: judge(real, untrained_samples, both, rules, seed, device),
    }


def unrestricted(count: int) -> Rules:
    """The rules of an observer that learns from half of `count` images and sees every bit of them."""
    return Rules(train_count=count // 2, epochs=max(1, LOOKS // count), bits=8)


def halves(images: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images dealt into two sets of the same distribution; arrays of the same length are dealt alike."""
    order = noise.torch_generator(seed, "halves")
    dealt = torch.randperm(len(images), generator=order).numpy()
    half = len(images) // 2
    return images[dealt[:half]], images[dealt[half : 2 * half]]


def noisy(real: np.ndarray, seed: int) -> np.ndarray:
    """Real images with a trace of noise, uint8: a faint cue, which an observer finds if it sees every bit."""
    added = noise.normal(seed, range(len(real)), "noisy", real.shape[1:]).numpy() * NOISE
    return (real + added).round().clip(0, 255).astype(np.uint8)


def untrained(
    cell: Cell,
    recipe: Mapping[str, Any],
    settings: Mapping[str, Any],
    shape: ImageShape,
    condition: Condition,
    count: int,
    batch: int,
    device: torch.device | str = "cpu",
) -> np.ndarray:
    """Samples of a network that has learnt nothing, uint8 [count, H, W, C].

    Args:
        cell: what is sampled; its seed is that of the weights, too.
        recipe: of the network; settings: of the sampling.
        shape: of the images; condition: what they start from.
        count: images; batch: per call.
    """
    method = models.load_method(cell.method)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(cell.seed)
        model = method.build(recipe, shape).to(device).eval()
    return Sampler(cell, method.sample, model, shape, condition, settings).images(range(count), batch).images
