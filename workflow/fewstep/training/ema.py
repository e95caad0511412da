"""Exponential moving average of weights."""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn


class EMA(nn.Module):
    """A shadow copy of `model`, in evaluation mode and without gradients.

    Floating-point buffers are averaged as the parameters are. Codebooks and running statistics describe what the
    weights compute; the last ones, beside averaged weights, would describe another network. A table that never changes
    is kept by averaging. Two kinds are copied: integers, which count, and the unit vectors of spectral norm, whose mean
    is shorter than 1.

    Args:
        model: the trained module.
    """

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, source: nn.Module, decay: float) -> None:
        """shadow <- decay * shadow + (1 - decay) * source; decay 0 copies."""
        torch._foreach_lerp_(list(self.model.parameters()), list(source.parameters()), 1 - decay)
        for (name, mine), theirs in zip(self.model.named_buffers(), source.buffers(), strict=True):
            if mine.is_floating_point() and not of_parametrization(name):
                mine.lerp_(theirs, 1 - decay)
            else:
                mine.copy_(theirs)


def of_parametrization(name: str) -> bool:
    """Whether a buffer of this name is of a parametrization of torch, such as spectral norm."""
    return "parametrizations" in name.split(".")


def decay_of(settings: Mapping[str, Any], step: int) -> float:
    """Decay at a step of a recipe's `training`: `ema_decay`, or what `ema_half_life_images` makes of it."""
    if "ema_decay" in settings:
        return settings["ema_decay"]
    return half_life_decay(settings["ema_half_life_images"], settings["batch"], step * settings["batch"])


def half_life_decay(half_life_images: float, batch: int, images_seen: int, ramp_up: float | None = 0.05) -> float:
    """Decay per step for a half-life counted in images (EDM's training loop).

    With `ramp_up` the half-life is at most that share of the images seen so far: the average forgets the random start.
    """
    if ramp_up is not None:
        half_life_images = min(half_life_images, ramp_up * images_seen)
    return 0.5 ** (batch / max(half_life_images, 1e-8))
