"""Methods at the smallest size that still runs: what the tests of every method share."""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from fewstep import cards, models, noise
from fewstep.contract import ImageShape
from fewstep.snapshots import Sampler
from fewstep.training import TrainingRun

SHAPES = {
    "digits": ImageShape(1, 8, 8, 10), "mnist": ImageShape(1, 28, 28, 10), "cifar10": ImageShape(3, 32, 32, 10),
    "digits_4to8": ImageShape(1, 8, 8, 10), "mnist_7to28": ImageShape(1, 28, 28, 10),
    "mnist_14to28": ImageShape(1, 28, 28, 10), "photos_8to32": ImageShape(3, 32, 32),
    "photos": ImageShape(3, 32, 32),
    "cifar10_8to32": ImageShape(3, 32, 32, 10),
}  # fmt: skip
FEWER = {"steps": 2, "batch": 4, "warmup": 1}


class Network(NamedTuple):
    """One network of a method: its recipe, shrunken, for the smallest data set of the card."""

    name: str
    card: Mapping[str, Any]
    module: ModuleType
    recipe: Mapping[str, Any]
    shape: ImageShape
    folder: Path
    low_resolution: int | None


def smallest_dataset(card: Mapping[str, Any]) -> str:
    """The data set of the card with the fewest pixels; its shape must be listed in SHAPES."""
    return min(card["datasets"], key=lambda name: SHAPES[name].height)


def shrink(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe with a narrow network, few steps and small batches; keys that it does not have are not added."""
    small = copy.deepcopy(dict(recipe))
    network, training = small["network"], small["training"]
    if "channels" in network:
        network["channels"] = [8] * len(network["channels"])
    if "blocks" in network:
        network["blocks"] = 1
    training.update({key: min(value, training[key]) for key, value in FEWER.items() if key in training})
    return small


def networks(folder: Path) -> list[tuple[str, str]]:
    """(method, recipe) of every network that the cards below `folder` train for their smallest data set."""
    found = cards.discover(folder).items()
    return [(name, recipe) for name, card in found for recipe in card["datasets"][smallest_dataset(card)]["recipes"]]


def network(folder: Path, name: str, recipe: str) -> Network:
    """One of `networks`, loaded."""
    card = cards.discover(folder)[name]
    dataset = smallest_dataset(card)
    shrunken = shrink(cards.recipe(card, dataset, recipe))
    side = card["datasets"][dataset]["low_resolution"]
    return Network(name, card, models.load_method(name, folder), shrunken, SHAPES[dataset], folder, side)


def lively(model: nn.Module, seed: int = 0) -> nn.Module:
    """The model with random weights everywhere, frozen: layers that start at zero are open."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        parameter.data.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            # Nearer to the small activations of such weights than 1 is: what passes several norms is not flattened.
            module.running_var.fill_(0.25)
    return model.eval().requires_grad_(False)


def teacher_of(net: Network) -> nn.Module | None:
    """An untrained teacher of the size of its student, the same at every call, or None."""
    name = cards.teacher(net.card)
    if name is None:
        return None
    theirs = network(net.folder, name, cards.TEACHER_RECIPE)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return lively(theirs.module.build(theirs.recipe, net.shape))


def start_of(net: Network) -> nn.Module | None:
    """An untrained model of the recipe that the network starts from, the same at every call, or None."""
    name = net.recipe.get("start")
    if name is None:
        return None
    theirs = network(net.folder, net.name, name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return lively(theirs.module.build(theirs.recipe, net.shape))


def pictures(shape: ImageShape, count: int = 12) -> tuple[Tensor, Tensor | None]:
    """Random images in [-1, 1] and labels, the same at every call."""
    generator = torch.Generator().manual_seed(7)
    images = torch.rand(count, *shape.chw, generator=generator) * 2 - 1
    return images, torch.arange(count) % shape.classes if shape.classes else None


def low_resolution(net: Network, seed: int, indices: Sequence[int]) -> Tensor | None:
    """Images of the side that the network enlarges, other ones for each seed and index; None where it enlarges none."""
    if net.low_resolution is None:
        return None
    shape = (net.shape.channels, net.low_resolution, net.low_resolution)
    return noise.normal(seed, indices, "low resolution", shape).tanh()


def training_run(net: Network, folder: Path, sampler: Sampler | None = None, **changes: Any) -> TrainingRun:
    """A run of the network on `pictures`; `changes` are put into the recipe's training section."""
    recipe = {**net.recipe, "training": {**net.recipe["training"], **changes}}
    images, labels = pictures(net.shape)
    log = folder / "log.csv"
    return TrainingRun(
        recipe,
        net.shape,
        images,
        labels,
        folder,
        log,
        key="key",
        teacher=teacher_of(net),
        start=start_of(net),
        sampler=sampler,
        low_resolution=net.low_resolution,
    )
