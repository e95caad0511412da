"""Methods at the smallest size that still runs: what the tests of every method share."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
from shrinking import shrink
from torch import Tensor, nn

from fewstep.base.folders import ROOT
from fewstep.base.strict_yaml import read_yaml
from fewstep.contract import models
from fewstep.contract.method import ImageShape
from fewstep.images import noise
from fewstep.plan import cards
from fewstep.plan.shapes import KNOWN, DataShape, with_section
from fewstep.training.loop import TrainingRun
from fewstep.training.snapshots import Sampler


def _datasets_of_profiles() -> dict[str, DataShape]:
    """Shapes of the data sets that the profiles name, of sources whose images are always the same."""
    profiles = [read_yaml(path)["datasets"] for path in sorted((ROOT / "config").glob("*.yaml"))]
    return {
        name: KNOWN[section["source"]]._replace(low_resolution=section.get("low_resolution"))
        for profile in profiles
        for name, section in profile.items()
        if section["source"] in KNOWN
    }


DATASETS = _datasets_of_profiles()
CLASSES = 10  # of made-up labels


class Network(NamedTuple):
    """One network of a method: its recipe, shrunken, for the smallest data set of the card."""

    name: str
    dataset: str
    card: Mapping[str, Any]
    module: ModuleType
    recipe: Mapping[str, Any]
    shape: ImageShape
    folder: Path
    low_resolution: int | None


def image_shape(shape: DataShape) -> ImageShape:
    """The shape of a data set as networks are given it."""
    return ImageShape(shape.channels, shape.side, shape.side, CLASSES if shape.labelled else 0)


def smallest(card: Mapping[str, Any]) -> tuple[str, DataShape]:
    """The data set with the fewest pixels that a card has recipes for: one of a profile, or the least of a shape."""
    named = [(name, DATASETS[name]) for name in card["datasets"] if name in DATASETS]
    shaped = [("made_up", least(section["for"])) for section in card["shapes"]]
    return min(named + shaped, key=lambda found: found[1].side)


def least(wanted: Mapping[str, Any]) -> DataShape:
    """The smallest data set that the `for` of a card admits, grey where it may be."""
    side, scale = _first(wanted["side"]), wanted["scale"]
    low = None if scale is None else side // _first(scale)
    return DataShape(side, _first(wanted["channels"]), wanted["labels"] != "none", low)


def _first(entry: Any) -> int:
    if isinstance(entry, Mapping):
        return -(-entry["from"] // entry["multiple_of"]) * entry["multiple_of"]
    return min(entry) if isinstance(entry, list) else entry


def networks(folder: Path) -> list[tuple[str, str]]:
    """(method, recipe) of every network that the cards below `folder` train for their smallest data set."""
    found = {name: (card, *smallest(card)) for name, card in cards.discover(folder).items()}
    return [
        (method, recipe)
        for method, (card, name, shape) in found.items()
        for recipe in with_section(card, name, shape)["datasets"][name]["recipes"]
    ]


def network(folder: Path, name: str, recipe: str, of: tuple[str, DataShape] | None = None) -> Network:
    """One of `networks`, loaded; `of` is another data set than the card's smallest."""
    card = cards.read_card(folder / name / "method.yaml")
    dataset, shape = of or smallest(card)
    card = with_section(card, dataset, shape)
    shrunken, side = shrink(cards.recipe(card, dataset, recipe)), card["datasets"][dataset]["low_resolution"]
    module = models.load_method(name, folder)
    return Network(name, dataset, card, module, shrunken, image_shape(shape), folder, side)


def _beside(net: Network, name: str, recipe: str) -> Network:
    """A network of the same data set that another one is trained from."""
    shape = DataShape(net.shape.height, net.shape.channels, net.shape.classes > 0, net.low_resolution)
    return network(net.folder, name, recipe, (net.dataset, shape))


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
    theirs = _beside(net, name, cards.TEACHER_RECIPE)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return lively(theirs.module.build(theirs.recipe, net.shape))


def start_of(net: Network) -> nn.Module | None:
    """An untrained model of the recipe that the network starts from, the same at every call, or None."""
    name = net.recipe.get("start")
    if name is None:
        return None
    theirs = _beside(net, net.name, name)
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
