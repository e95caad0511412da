"""Samples of a network while it trains: the same noise and labels at a few points of the run, for the report.

They are drawn from a copy of the network, and the random numbers that training draws do not see them.
"""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from fewstep.base.files import atomic_write
from fewstep.base.folders import METHODS
from fewstep.base.marks import no_effect_on_results
from fewstep.contract.conditions import GivenLabels, SmallImages
from fewstep.contract.hook_results import check_tensor
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.images.pixels import to_uint8
from fewstep.plan.cards import Network, read_card, variants_of
from fewstep.plan.method_card import Nfe, initial_settings, offered
from fewstep.plan.shapes import DataShape, with_section

COUNT = 10  # images of a snapshot; image i is of class i
MOST_NFE = 32  # evaluations that show what was learnt and cost little
HALVINGS = 4

Sampler = Callable[[nn.Module], Tensor]


@no_effect_on_results
def points(steps: int) -> list[int]:
    """Numbers of steps after which a snapshot is due: a 16th, an 8th, a quarter and a half of the run, and its end."""
    return sorted({max(1, steps >> k) for k in range(HALVINGS + 1)})


@no_effect_on_results
def sampler(
    sample: Callable[[nn.Module, SampleRequest], Tensor],
    network: Network,
    shape: ImageShape,
    device: torch.device,
    inputs: SmallImages | None = None,
    methods: Path = METHODS,
) -> Sampler | None:
    """A function that gives the snapshot of a model, uint8 [COUNT, H, W, C]; None where no variant samples the network.

    The first variant of the card that samples it is taken. The card is read here, so that another sampler does not
    train the network again. With `inputs` the images start from some of these, which lie far apart.
    """
    card = read_card(methods / network.method / "method.yaml")
    variants = variants_of(card, network.recipe)
    if not variants:
        return None
    low_side = None if inputs is None else inputs.images.shape[-1]
    card = with_section(card, network.dataset, DataShape(shape.height, shape.channels, shape.classes > 0, low_side))
    nfe = _affordable(offered(card, variants[0], network.dataset))
    settings = initial_settings(card["variants"][variants[0]])
    request = SampleRequest(shape, 0, range(COUNT), nfe, settings, device=device)
    if inputs is not None:
        far_apart = torch.linspace(0, len(inputs) - 1, COUNT).long().tolist()
        request = inputs.take(far_apart).of(request)
    elif shape.classes:
        request = GivenLabels(torch.arange(COUNT) % shape.classes).of(request)

    def draw(model: nn.Module) -> Tensor:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), torch.no_grad():
            images = sample(copy.deepcopy(model).eval(), request)
        check_tensor(images, (COUNT, *shape.chw), f"{network.method}/{variants[0]}")
        # A network that has just begun may give anything; what is not a number is shown as grey.
        return torch.from_numpy(to_uint8(images.nan_to_num(0.0, 1.0, -1.0)))

    return draw


def _affordable(nfe: Nfe) -> int:
    """The largest NFE up to MOST_NFE that a variant offers, or else the smallest."""
    possible = range(nfe["min"], nfe["max"] + 1, nfe["step"]) if isinstance(nfe, Mapping) else nfe
    return max((n for n in possible if n <= MOST_NFE), default=min(possible))


@no_effect_on_results
def write(path: str | Path, taken: Mapping[int, Tensor]) -> None:
    """Write snapshots by step: steps int64 [k], and images uint8 [k, COUNT, H, W, C] if there are any."""
    arrays = {"steps": np.array(sorted(taken), np.int64)}
    if taken:
        arrays["images"] = np.stack([taken[step].numpy() for step in sorted(taken)])
    with atomic_write(path) as file:
        np.savez_compressed(file, **arrays)
