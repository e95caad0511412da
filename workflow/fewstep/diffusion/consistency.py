"""What consistency distillation, consistency training and easy consistency tuning share: distances and sampling."""

import torch
from torch import Tensor, nn

from fewstep.contract.method import SampleRequest
from fewstep.diffusion.preconditioning import SIGMA_MAX, as_batch
from fewstep.diffusion.solvers import initial_state, multistep_consistency


def squared_l2(a: Tensor, b: Tensor) -> Tensor:
    """Mean squared difference per image [B] (a mean over pixels, as in the authors' code; the paper writes a sum)."""
    return (a - b).square().flatten(1).mean(dim=1)


def l1(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference per image [B]."""
    return (a - b).abs().flatten(1).mean(dim=1)


def pseudo_huber(a: Tensor, b: Tensor, c: float | None = None) -> Tensor:
    """sqrt(|a - b|^2 + c^2) - c per image [B], one root over all pixels (Song & Dhariwal 2023, eq. 7).

    `c` defaults to 0.00054 sqrt(d) for images of d values; 0 gives the plain norm of ECT.
    """
    difference = (a - b).flatten(1)
    c = 0.00054 * difference.shape[1] ** 0.5 if c is None else c
    # The floor keeps the gradient of the root finite where a = b and c = 0.
    return (difference.square().sum(dim=1) + max(c**2, 1e-20)).sqrt() - c


DISTANCES = {"l1": l1, "l2": squared_l2, "pseudo_huber": pseudo_huber}


def sample_consistency(model: nn.Module, request: SampleRequest) -> Tensor:
    """One- and multistep sampling of a consistency function with the times of the card.

    `settings["times"][nfe]` lists the times after the first, which is SIGMA_MAX; `floor` and `clip` are those of
    `multistep_consistency`.
    """
    levels = [SIGMA_MAX, *request.settings["times"][request.nfe]]

    def f(x: Tensor, level: float) -> Tensor:
        return model(x, as_batch(level, x), request.labels)

    state = initial_state(request.noise(), SIGMA_MAX)
    floor, clip = request.settings.get("floor", 0.0), request.settings.get("clip", True)
    return multistep_consistency(f, state, levels, request.step_noise, floor, clip)


def same_dropout(seed: int) -> None:
    """Give the next network pass the dropout mask of every other pass that starts with the same call."""
    torch.manual_seed(seed)
