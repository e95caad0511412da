"""What a method may define beyond its three functions; found in its code, without running it. No torch is imported."""

from pathlib import Path

from fewstep.codehash import names_in
from fewstep.paths import METHODS

HOOKS = ("evaluate", "reconstruct")  # see fewstep.contract


def hooks_of(method: str, folder: Path = METHODS) -> list[str]:
    """The hooks that methods/<method>/method.py defines or imports."""
    names = names_in(folder / method / "method.py")
    return [hook for hook in HOOKS if hook in names]
