"""Recipes are shrunk by the keys that every method may have, and by no other."""

import yaml
from shrinking import NETWORK, TRAINING, shrink, shrink_card

from fewstep.base.schema import load_schema

RECIPE = {
    "start": "a",
    "network": {"channels": [32, 64], "blocks": 2, "latent": 64, "stages": [{"side": 28, "channels": [16]}]},
    "training": {"steps": 500, "batch": 2, "decay": "cosine", "pairs": {"batch": 32}},
}
SMALL = {
    "start": "a",
    "network": {"channels": [8, 8], "blocks": 1, "latent": 64, "stages": [{"side": 28, "channels": [8]}]},
    "training": {"steps": 2, "batch": 2, "decay": "cosine", "pairs": {"batch": 32}},
}


def test_widths_depth_steps_and_batches_are_limited_and_nothing_else_changes():
    assert shrink(RECIPE) == SMALL == shrink(SMALL)
    assert RECIPE["network"]["channels"] == [32, 64]
    assert shrink({}) == {"network": {}, "training": {}}


def test_what_is_shrunk_is_what_the_schema_types():
    section = load_schema("method")["properties"]["datasets"]["additionalProperties"]["properties"]["recipes"]
    recipe = section["additionalProperties"]["properties"]
    assert NETWORK.keys() == recipe["network"]["properties"].keys()
    assert TRAINING.keys() == recipe["training"]["properties"].keys()


def test_a_card_is_shrunk_by_name_and_by_shape(tmp_path):
    path = tmp_path / "method.yaml"
    card = {"title": "ü", "datasets": {"toys": {"recipes": {"a": RECIPE}}}, "shapes": [{"recipes": {"a": RECIPE}}]}
    path.write_text(yaml.safe_dump(card), encoding="utf-8")
    shrink_card(path, steps=7)
    small = SMALL | {"training": SMALL["training"] | {"steps": 7}}
    wanted = {"datasets": {"toys": {"recipes": {"a": small}}}, "shapes": [{"recipes": {"a": small}}]}
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == {"title": "ü", **wanted}
