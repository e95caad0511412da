"""Discovery of methods: a folder of methods/ with a card is a method. Imports no torch; the Snakefile reads cards."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from fewstep.errors import FewstepError
from fewstep.method_card import validate_card
from fewstep.paths import METHODS

TEACHER_RECIPE = "default"  # a teacher is trained by its recipe of this name


def discover(folder: Path = METHODS) -> dict[str, dict[str, Any]]:
    """Validated cards by method name, sorted; folders whose name starts with an underscore are not methods."""
    paths = sorted(p for p in folder.glob("*/method.yaml") if not p.parent.name.startswith("_"))
    return {path.parent.name: validate_card(read_yaml(path), path) for path in paths}


def read_yaml(path: Path) -> Any:
    """Parse YAML safely; a missing or broken file is a FewstepError that names it."""
    try:
        return yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such file.") from None
    except yaml.YAMLError as error:
        raise FewstepError(f"{path}: this is not valid YAML ({' '.join(str(error).split())}).") from None


def recipe(card: dict[str, Any], dataset: str, name: str) -> dict[str, Any]:
    """Hyper-parameters of one trained network: the card's datasets.<dataset>.recipes.<name>."""
    return card["datasets"][dataset]["recipes"][name]


def with_starts(card: dict[str, Any], dataset: str, names: Iterable[str]) -> list[str]:
    """The named recipes and those that they start from, sorted."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting.extend(filter(None, [start(card, dataset, name)]))
    return sorted(found)


def start(card: dict[str, Any], dataset: str, name: str) -> str | None:
    """The recipe of the same method whose trained network a recipe is built on."""
    return recipe(card, dataset, name).get("start")


def recipes_of(card: dict[str, Any], variants: list[str]) -> list[str]:
    """Recipes that the given variants are sampled from, sorted and distinct."""
    return sorted({card["variants"][variant]["recipe"] for variant in variants})


def teacher(card: dict[str, Any]) -> str | None:
    """Name of the method whose trained model this one learns from."""
    return card["needs"]["teacher"]


def teacher_recipe(cards: dict[str, dict[str, Any]], method: str, dataset: str) -> dict[str, Any] | None:
    """Name and recipe of a method's teacher, or None."""
    name = teacher(cards[method])
    return {"method": name, "recipe": recipe(cards[name], dataset, TEACHER_RECIPE)} if name else None
