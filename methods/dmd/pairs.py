"""Noise and the image that the teacher makes of it, computed once: the targets of DMD's regression loss."""

import torch
from torch import Tensor, nn

from fewstep.contract.method import ImageShape
from fewstep.diffusion.preconditioning import SIGMA_MAX, as_batch
from fewstep.diffusion.schedules import karras_grid
from fewstep.diffusion.solvers import heun, initial_state
from fewstep.images.noise import torch_generator

CHUNK = 250  # images per call of the teacher


@torch.no_grad()
def teacher_pairs(
    teacher: nn.Module, shape: ImageShape, count: int, nfe: int, seed: int, device: torch.device
) -> dict[str, Tensor]:
    """`noise` [N, C, H, W], standard normal, `images` at the end of its ODE, and `labels` [N] where there are classes.

    Heun's method with `nfe` evaluations of the teacher per image (an odd number); every class has the same share.
    """
    pairs = {"noise": torch.randn(count, *shape.chw, generator=torch_generator(seed, "pairs")).to(device)}
    if shape.classes:
        pairs["labels"] = torch.arange(count, device=device) % shape.classes
    grid = karras_grid((nfe + 1) // 2)

    def solve(start: int) -> Tensor:
        rows = slice(start, start + CHUNK)
        labels = pairs["labels"][rows] if "labels" in pairs else None
        state = initial_state(pairs["noise"][rows], SIGMA_MAX)
        return heun(lambda x, sigma: teacher(x, as_batch(sigma, x), labels), state, grid).float()

    return pairs | {"images": torch.cat([solve(start) for start in range(0, count, CHUNK)])}


def draw(pairs: dict[str, Tensor], count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor | None]:
    """Noise, images and labels of `count` pairs drawn with replacement."""
    rows = torch.randint(len(pairs["noise"]), (count,), generator=generator).to(pairs["noise"].device)
    return pairs["noise"][rows], pairs["images"][rows], pairs["labels"][rows] if "labels" in pairs else None
