"""What a method may define beyond its three functions; found in its code, without running it. No torch is imported."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fewstep.base.codehash import names_in
from fewstep.base.folders import METHODS

HOOK, EDIT = "evaluate", "edit"  # see fewstep.contract.method


def evaluates(method: str, folder: Path = METHODS) -> bool:
    """Whether methods/<method>/method.py defines or imports the hook `evaluate`."""
    return defines(method, HOOK, folder)


def requests(card: Mapping[str, Any], cells: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """Variant, recipe, NFE and sampling settings of every call of the hook.

    Where the card says `each: cell` these are the compared (variant, NFE). Otherwise the hook is called once for a
    recipe, by the name of its first variant, and gets neither NFE (0) nor settings: its scores cannot depend on them.
    """
    calls, recipes = [], set()
    for name, nfe in cells:
        variant = card["variants"][name]
        if card.get(HOOK, {}).get("each") == "cell":
            calls.append({"variant": name, "recipe": variant["recipe"], "nfe": nfe, "sampling": variant["sampling"]})
        elif variant["recipe"] not in recipes:
            recipes.add(variant["recipe"])
            calls.append({"variant": name, "recipe": variant["recipe"], "nfe": 0, "sampling": {}})
    return calls


def defines(method: str, name: str, folder: Path = METHODS) -> bool:
    """Whether methods/<method>/method.py defines or imports a function of this name."""
    return name in names_in(folder / method / "method.py")
