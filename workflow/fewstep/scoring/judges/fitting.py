"""Training from scratch by rules that are the same for every method: fixed images and epochs, the last one counts."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from fewstep.images.noise import torch_generator

BATCH = 64
PEAK_LEARNING_RATE = 3e-3
WEIGHT_DECAY = 0.05
_SCORED = 500  # images per call where nothing is trained


class Normalisation(NamedTuple):
    """Mean and standard deviation of each channel, in grey levels."""

    mean: Tensor
    std: Tensor

    @classmethod
    def of(cls, images: np.ndarray) -> "Normalisation":
        """Of real training images, uint8 [N, H, W, C]; generated images are normalised by the same constants."""
        mean, std = images.mean((0, 1, 2)), images.std((0, 1, 2))
        return cls(torch.from_numpy(mean).float(), torch.from_numpy(std).float().clamp_min(1.0))

    def __call__(self, images: np.ndarray) -> Tensor:
        """uint8 [N, H, W, C] -> float32 [N, C, H, W]."""
        return ((torch.from_numpy(images) - self.mean) / self.std).permute(0, 3, 1, 2).contiguous()


def fit(
    make: Callable[[], nn.Module],
    inputs: Tensor,
    targets: Tensor,
    loss: Callable[[Tensor, Tensor], Tensor],
    epochs: int,
    seed: int,
    device: torch.device | str = "cpu",
) -> nn.Module:
    """The network after the last epoch, in evaluation mode.

    Weights and the order of the images are drawn from `seed` alone. AdamW with one cycle of the learning rate: a
    warm-up over the first 30 % of the steps, then down to 0 along a cosine.

    Args:
        make: builds the network with new weights.
        inputs, targets: of all training images; they are never drawn anew.
        loss: of outputs [B, ...] and targets [B].
        epochs: passes over the images.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(torch_generator(seed, "weights").initial_seed())
        network = make().to(device).train()
    size = min(BATCH, len(inputs))
    steps = len(inputs) // size  # of an epoch; what is left over waits for the next one
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY, foreach=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, total_steps=max(2, epochs * steps))
    for epoch in range(epochs):
        order = torch.randperm(len(inputs), generator=torch_generator(seed, "order", epoch))
        for rows in order[: steps * size].split(size):
            optimizer.zero_grad(set_to_none=True)
            loss(network(inputs[rows].to(device)), targets[rows].to(device)).backward()
            optimizer.step()
            schedule.step()
    return network.eval().requires_grad_(False)


@torch.inference_mode()
def outputs(network: nn.Module, inputs: Tensor) -> Tensor:
    """What the network says of images [N, C, H, W], on the CPU."""
    device = next(network.parameters()).device
    return torch.cat([network(part.to(device)).cpu() for part in inputs.split(_SCORED)])
