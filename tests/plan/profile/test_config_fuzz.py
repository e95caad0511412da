"""Whatever stands at a place of a profile, it is loaded or refused by one sentence; never a traceback."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from fewstep.base.errors import FewstepError
from fewstep.base.folders import ROOT
from fewstep.base.strict_yaml import read_yaml
from fewstep.plan import cards as method_cards
from fewstep.plan.cells import cells_of
from fewstep.plan.profile import load

GONE = object()
VALUES = {
    "gone": GONE, "null": None, "empty list": [], "empty mapping": {}, "text": "x", "no text": "", "two lines": "a\nb",
    "zero": 0, "negative": -1, "huge": 10**30, "fraction": 1.5, "true": True, "nan": float("nan"),
    "list of null": [None],
    "list of lists": [[1], [1]], "list of mappings": [{}, {}], "mapping": {"x": 1}, "number as key": {1: 2},
    "null as key": {None: 1}, "slashes": {"a/b/c": [1]}, "list of text": ["x", "y"], "nul": "a\0b",
}  # fmt: skip


@pytest.fixture(scope="module")
def cards():
    return method_cards.discover()


@pytest.fixture(scope="module")
def profile():
    """The profile ci with every optional section, and few cells."""
    raw = read_yaml(ROOT / "config" / "ci.yaml")
    digits = raw["datasets"]["digits"]
    digits["compare"] = {
        name: digits["compare"][name] for name in ("edm/heun", "gan/r3gan", "consistency_distillation/multistep")
    }
    digits["study"] = {"compare": {"edm/heun": [9]}, "items": 20, "trials": 10, "answers": None}
    digits["scores"]["lpips_weights"] = None
    return raw


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """The path of every value inside of a profile, its own included."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield from places(child, (*path, key))


def changed(profile: Any, path: tuple, value: Any) -> Any:
    """The profile with another value at a place."""
    if not path:
        return None if value is GONE else value
    new = copy.deepcopy(profile)
    parent = new
    for key in path[:-1]:
        parent = parent[key]
    if value is GONE:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return new


@pytest.mark.parametrize("name", VALUES)
def test_any_value_at_any_place_is_loaded_or_refused_by_one_sentence(profile, cards, name):
    refused = 0
    for path in places(profile):
        try:
            list(cells_of(load(changed(profile, path, VALUES[name]), cards)))
        except FewstepError as error:
            refused += 1
            assert str(error).strip().endswith((".", "?")), error
        except Exception as error:
            pytest.fail(f"{'.'.join(map(str, path))}: {type(error).__name__}: {error}")
    assert refused
