"""Discovery of methods: a folder of methods/ with a card is a method. Imports no torch; the Snakefile reads cards."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from fewstep.errors import FewstepError

ROOT = Path(__file__).resolve().parents[2]
METHODS = ROOT / "methods"


def discover(folder: Path = METHODS) -> dict[str, dict[str, Any]]:
    """Validated cards by method name, sorted; folders whose name starts with an underscore are not methods."""
    from fewstep.config import validate_card

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


def load_method(name: str, folder: Path = METHODS) -> ModuleType:
    """Import methods/<name>/method.py and check that it keeps the contract (fewstep.contract)."""
    from fewstep.contract import missing_functions

    path = folder / name / "method.py"
    if not path.exists():
        raise FewstepError(f"{path}: there is no such file; a method needs method.yaml, method.py and README.md.")
    spec = importlib.util.spec_from_file_location(f"fewstep_method_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if missing := missing_functions(module):
        raise FewstepError(f"{path}: the method does not define {' and '.join(missing)}.")
    return module


def recipe(card: dict[str, Any], dataset: str, name: str) -> dict[str, Any]:
    """Hyper-parameters of one trained network: the card's datasets.<dataset>.recipes.<name>."""
    return card["datasets"][dataset]["recipes"][name]


def recipes_of(card: dict[str, Any], variants: list[str]) -> list[str]:
    """Recipes that the given variants are sampled from, sorted and distinct."""
    return sorted({card["variants"][variant]["recipe"] for variant in variants})
