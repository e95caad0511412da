"""What a method may define beyond its three functions; found in its code, without running it. No torch is imported."""

from pathlib import Path

from fewstep.codehash import names_in
from fewstep.paths import METHODS

HOOK, EDIT = "evaluate", "edit"  # see fewstep.contract


def evaluates(method: str, folder: Path = METHODS) -> bool:
    """Whether methods/<method>/method.py defines or imports the hook `evaluate`."""
    return defines(method, HOOK, folder)


def defines(method: str, name: str, folder: Path = METHODS) -> bool:
    """Whether methods/<method>/method.py defines or imports a function of this name."""
    return name in names_in(folder / method / "method.py")
