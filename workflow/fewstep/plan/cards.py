"""Discovery of methods: a folder of methods/ with a card is a method. Imports no torch; the Snakefile reads cards."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fewstep.base.codehash import names_in
from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS
from fewstep.base.strict_yaml import read_yaml
from fewstep.plan.hooks import HOOK, evaluates
from fewstep.plan.method_card import validate_card

DEFAULT_RECIPE = "default"  # a variant's, unless it names another
TEACHER_RECIPE = DEFAULT_RECIPE  # a teacher is trained by its recipe of this name

Cards = Mapping[str, Mapping[str, Any]]


def discover(folder: Path = METHODS) -> dict[str, dict[str, Any]]:
    """Validated cards by method name, sorted; folders whose name starts with an underscore are not methods.

    Raises:
        FewstepError: a card does not fit, or there is no Python in method.py beside it.
    """
    paths = sorted(p for p in folder.glob("*/method.yaml") if not p.parent.name.startswith("_"))
    for path in paths:
        names_in(path.parent / "method.py")
    return {path.parent.name: read_card(path) for path in paths}


def read_card(path: Path) -> dict[str, Any]:
    """The validated card of a method, methods/<name>/method.yaml."""
    card = validate_card(read_yaml(path), path)
    if HOOK in card and not evaluates(path.parent.name, path.parents[1]):
        raise FewstepError(f"{path}: {HOOK}: method.py has no function of this name.")
    return card


def files_of(card: Mapping[str, Any], folder: Path) -> list[Path]:
    """Files that a card names anywhere, by their path within the folder of the method, sorted: inputs of its jobs."""
    return sorted({folder / text for text in _texts(card) if text and os.path.isfile(folder / text)})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


class Network(NamedTuple):
    """One recipe of a method, trained on a data set with one seed."""

    dataset: str
    method: str
    recipe: str
    training_seed: int = 0

    @classmethod
    def of(cls, wildcards: Mapping[str, str]) -> "Network":
        """The network that the wildcards of a rule name."""
        return cls(**{**wildcards, "training_seed": int(wildcards["training_seed"])})


def networks(cards: Cards) -> list[Network]:
    """Every network that the cards have a recipe for."""
    return [
        Network(dataset, method, recipe)
        for method, card in cards.items()
        for dataset, section in card["datasets"].items()
        for recipe in section["recipes"]
    ]


def built_on(cards: Cards, network: Network) -> dict[str, Network]:
    """The networks that training reads: `start`, the recipe that this one starts from, and its method's `teacher`.

    Both were trained with the same seed: another one makes all of a network anew.
    """
    card = cards[network.method]
    found = {}
    if name := start(card, network.dataset, network.recipe):
        found["start"] = network._replace(recipe=name)
    if name := teacher(card):
        found["teacher"] = Network(network.dataset, name, TEACHER_RECIPE, network.training_seed)
    return found


def needed(cards: Cards, wanted: Iterable[Network], present: Collection[Network]) -> list[Network]:
    """The wanted networks and those that training them takes, sorted; one that is present already takes no others."""
    found: set[Network] = set()
    waiting = list(wanted)
    while waiting:
        network = waiting.pop()
        if network not in found:
            found.add(network)
            waiting += [] if network in present else built_on(cards, network).values()
    return sorted(found)


def recipe(card: dict[str, Any], dataset: str, name: str) -> dict[str, Any]:
    """Hyper-parameters of one trained network: the card's datasets.<dataset>.recipes.<name>."""
    return card["datasets"][dataset]["recipes"][name]


def start(card: dict[str, Any], dataset: str, name: str) -> str | None:
    """The recipe of the same method whose trained network a recipe is built on."""
    return recipe(card, dataset, name).get("start")


def variants_of(card: dict[str, Any], recipe: str) -> list[str]:
    """The variants that sample a recipe."""
    return [name for name, variant in card["variants"].items() if variant["recipe"] == recipe]


def teacher(card: dict[str, Any]) -> str | None:
    """Name of the method whose trained model this one learns from."""
    return card["needs"]["teacher"]
