"""Recipes so small that they train in a second, whatever the method: by the keys that the schema of cards types."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

NETWORK = {"channels": 8, "blocks": 1}
TRAINING = {"steps": 2, "batch": 4, "warmup": 1}


def shrink(recipe: Mapping[str, Any], **training: int) -> dict[str, Any]:
    """The recipe with narrow networks, few steps and small batches; keys that it does not have are not added.

    Args:
        training: other limits than those of TRAINING.
    """
    small = copy.deepcopy(dict(recipe))
    limits = TRAINING | training
    own = small.get("training", {})
    return small | {
        "network": _limited(small.get("network", {})),
        "training": own | {key: min(own[key], limit) for key, limit in limits.items() if key in own},
    }


def shrink_card(path: Path, **training: int) -> None:
    """Shrink every recipe of methods/<name>/method.yaml, those by name and those by shape."""
    card = yaml.safe_load(path.read_text(encoding="utf-8"))
    for section in (*card.get("datasets", {}).values(), *card.get("shapes", [])):
        section["recipes"] = {name: shrink(recipe, **training) for name, recipe in section["recipes"].items()}
    path.write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")


def _limited(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {name: _limited(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_limited(item, key) for item in value]
    return min(value, NETWORK[key]) if key in NETWORK else value
