import copy
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewstep.base.errors import FewstepError
from fewstep.plan.method_card import TAKEN, describe, initial_settings, offered, offers, validate_card

CARD = {
    "title": "A paper",
    "paper": "arXiv:0000.00000",
    "year": 2024,
    "family": "diffusion",
    "weights": ["train"],
    "variants": {
        "heun": {"label": "A (Heun)", "nfe": {"min": 3, "max": 511, "step": 2}},
        "fixed": {"label": "A (fixed)", "nfe": [1, 2, 4], "sampling": {"times": {1: [], 2: [0.8]}}},
    },
    "datasets": {"toys": {"recipes": {"default": {"network": {"width": 8}}}}},
}


def shaped(**wanted):
    return {"for": {"side": 8, "channels": 1, **wanted}, "recipes": {"default": {}}}


def card(**changes):
    return validate_card({**copy.deepcopy(CARD), **changes}, "methods/a/method.yaml")


def card_refuses(changes, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape('methods/a/method.yaml: ' + sentence)}$"):
        card(**changes)


@pytest.mark.parametrize("name", TAKEN)
def test_a_method_may_not_be_called_as_real_images_are(name):
    with pytest.raises(FewstepError, match=f"^methods/{name}/method.yaml: {name} is taken: results call real"):
        validate_card(copy.deepcopy(CARD), f"methods/{name}/method.yaml")


@pytest.mark.parametrize("name", ["a.b", "A", "_a", "a b"])
def test_names_of_methods_variants_data_sets_and_recipes_have_no_dots(name):
    with pytest.raises(FewstepError, match=r"a method's folder is named in lower-case letters, digits and _ - alone.$"):
        validate_card(copy.deepcopy(CARD), f"methods/{name}/method.yaml")
    no_name = f"{name} is no name; use lower-case letters, digits and _ - (64 at most)."
    card_refuses({"variants": {name: CARD["variants"]["heun"]}}, f"variants.{name}: {no_name}")
    card_refuses({"datasets": {name: CARD["datasets"]["toys"]}}, f"datasets.{name}: {no_name}")
    recipes = {"default": {}, name: {}}
    card_refuses({"datasets": {"toys": {"recipes": recipes}}}, f"datasets.toys.recipes.{name}: {no_name}")


def test_card_defaults():
    loaded = card()
    assert loaded["needs"] == {"teacher": None, "labels": "optional", "low_resolution": False}
    assert loaded["variants"]["heun"]["recipe"] == "default" and loaded["variants"]["heun"]["sampling"] == {}
    assert loaded["datasets"]["toys"]["recipes"]["default"] == {"network": {"width": 8}, "training": {}}


def test_a_method_that_enlarges_images_says_of_what_side_for_every_data_set_and_no_other_does():
    datasets = {"toys": {"low_resolution": 4, "recipes": {"default": {}}}}
    enlarging = card(needs={"low_resolution": True}, datasets=datasets)
    assert enlarging["datasets"]["toys"]["low_resolution"] == 4
    key = "datasets.toys.low_resolution"
    card_refuses(
        {"needs": {"low_resolution": True}},
        f"{key}: this key is missing; needs.low_resolution says that the method starts from it.",
    )
    card_refuses({"datasets": datasets}, f"{key}: needs.low_resolution says that the method starts from no image.")


def test_a_card_may_say_how_often_and_on_how_many_images_it_is_evaluated():
    assert "evaluate" not in card()
    assert card(evaluate={"count": 100})["evaluate"] == {"each": "recipe", "count": 100}


def test_a_search_has_candidates_of_settings_that_are_not_fixed():
    searching = {"label": "A", "nfe": [1], "sampling": {"eta": 0}, "search": {"first": [0.1, 0.2], "last": [1]}}
    assert initial_settings(card(variants={"a": searching})["variants"]["a"]) == {"eta": 0, "first": 0.1, "last": 1}
    card_refuses(
        {"variants": {"a": {**searching, "search": {"eta": [1]}}}}, "variants.a.search.eta: sampling sets it already."
    )
    card_refuses(
        {"variants": {"a": {**searching, "search": {"last": []}}}}, "variants.a.search.last: this must not be empty."
    )


@pytest.mark.parametrize("family", ["projection", "vae", "autoregressive", "flow", "gan", "moment-matching"])
def test_a_method_without_teacher_noise_levels_or_adversary_has_a_family(family):
    loaded = card(family=family, needs={"labels": "unused"})
    assert loaded["family"] == family and loaded["needs"]["teacher"] is None


def test_the_methods_own_sections_are_handed_on_as_they_are():
    assert card()["variants"]["fixed"]["sampling"] == {"times": {1: [], 2: [0.8]}}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tile": "x"}, "tile: there is no such key; did you mean title?"),
        ({"year": "2024"}, "year: this must be a whole number, not 2024."),
        ({"year": 20240}, "year: this must be at most 2100, not 20240."),
        ({"paper": ""}, "paper: this must not be empty."),
        ({"family": "difusion"},
         "family: difusion is not one of diffusion, consistency, distillation, gan, vae, autoregressive,"
         " flow, projection, moment-matching, super-resolution, cascade; did you mean diffusion?"),
        ({"needs": {"labels": "yes"}}, "needs.labels: yes is not one of required, optional, unused."),
        ({"needs": {"teachers": "edm"}}, "needs.teachers: there is no such key; did you mean teacher?"),
        ({"needs": {"low_resolution": 1}}, "needs.low_resolution: this must be true or false, not 1."),
        ({"evaluate": "cell"}, "evaluate: this must be a mapping, not cell."),
        ({"evaluate": {"each": "cel"}}, "evaluate.each: cel is not one of recipe, cell; did you mean cell?"),
        ({"evaluate": {"count": 1}}, "evaluate.count: this must be at least 2, not 1."),
        ({"weights": []}, "weights: this must not be empty."),
        ({"weights": ["zo"]}, "weights.0: zo is not one of train, zoo; did you mean zoo?"),
        ({"variants": {}}, "variants: this must not be empty."),
        ({"variants": {"heun": {"nfe": [1]}}}, "variants.heun.label: this key is missing."),
        ({"variants": {"heun": {"label": "x", "nfe": 5}}},
         "variants.heun.nfe: this must be a list or a mapping, not 5."),
        ({"variants": {"heun": {"label": "x", "nfe": []}}}, "variants.heun.nfe: this must not be empty."),
        ({"variants": {"heun": {"label": "x", "nfe": [0]}}},
         "variants.heun.nfe.0: this must be at least 1, not 0."),
        ({"variants": {"heun": {"label": "x", "nfe": {"min": 1}}}},
         "variants.heun.nfe.max: this key is missing."),
        ({"variants": {"heun": {"label": "x", "nfe": {"min": 5, "max": 4}}}},
         "variants.heun.nfe: max must not be less than min."),
        ({"variants": {"heun": {"label": "x", "nfe": [1], "recipe": "big"}}},
         "datasets.toys.recipes: recipe big of variant heun is missing."),
        ({"datasets": {}}, "datasets: there are no recipes, neither here nor in shapes."),
        ({"shapes": [{"recipes": {"default": {}}}]}, "shapes.0.for: this key is missing."),
        ({"shapes": [{"for": {"side": 8, "channels": 1}, "recipes": {"big": {}}}]},
         "shapes.0.recipes: recipe default of variant heun is missing."),
        ({"shapes": [shaped(side=8.0)]},
         "shapes.0.for.side: this must be a whole number or a list or a mapping, not 8.0."),
        ({"shapes": [shaped(side=[])]}, "shapes.0.for.side: this must not be empty."),
        ({"shapes": [shaped(), shaped(side={"from": 9})]}, "shapes.1.for.side.to: this key is missing."),
        ({"shapes": [shaped(side={"from": 9, "to": 8})]},
         "shapes.0.for.side: there is no multiple of 1 in this range."),
        ({"shapes": [shaped(side={"from": 9, "to": 15, "multiple_of": 8})]},
         "shapes.0.for.side: there is no multiple of 8 in this range."),
        ({"shapes": [shaped(channels=2)]}, "shapes.0.for.channels: 2 is not one of 1, 3, [1, 3]."),
        ({"shapes": [shaped(labels="any")]},
         "shapes.0.for.labels: any is not one of required, optional, none."),
        ({"shapes": [shaped(scale=2)]},
         "shapes.0.for.scale: needs.low_resolution says that the method starts from no image."),
        ({"shapes": [shaped()], "needs": {"low_resolution": True}, "datasets": {}},
         "shapes.0.for.scale: this key is missing; needs.low_resolution says that the method starts from it."),
        ({"shapes": [shaped() | {"nfe": {"fixed": [3]}}]},
         "shapes.0.nfe.fixed: variant fixed offers NFE 1, 2, 4, not 3."),
        ({"datasets": {"toys": {"recipes": {"default": {"training": {"steps": 1.5}}}}}},
         "datasets.toys.recipes.default.training.steps: this must be a whole number, not 1.5."),
        ({"datasets": {"toys": {"recipes": {"default": {"start": "big"}}}}},
         "datasets.toys.recipes.default.start: there is no recipe big."),
        ({"datasets": {"toys": {"recipes": {"default": {"start": "a"}, "a": {"start": "default"}}}}},
         "datasets.toys.recipes.default.start: recipes start from each other (default -> a -> default)."),
        ({"datasets": {"toys": {"nfe": {"fixd": [1]}, "recipes": {"default": {}}}}},
         "datasets.toys.nfe.fixd: there is no variant fixd."),
        ({"datasets": {"toys": {"nfe": {"fixed": [3]}, "recipes": {"default": {}}}}},
         "datasets.toys.nfe.fixed: variant fixed offers NFE 1, 2, 4, not 3."),
        ({"datasets": {"toys": {"nfe": {"heun": {"min": 3}}, "recipes": {"default": {}}}}},
         "datasets.toys.nfe.heun: this must be a list, not {'min': 3}."),
        ({"datasets": {"toys": {"recipes": {"default": {"net": {}}}}}},
         "datasets.toys.recipes.default.net: there is no such key; did you mean network?"),
    ],
)  # fmt: skip
def test_wrong_cards_name_file_and_key(changes, sentence):
    card_refuses(changes, sentence)


def test_card_that_is_no_mapping_or_lacks_a_key():
    with pytest.raises(FewstepError, match="^methods/a/method.yaml: top level: this must be a mapping, not null"):
        validate_card(None, "methods/a/method.yaml")
    with pytest.raises(FewstepError, match="^methods/a/method.yaml: title: this key is missing.$"):
        validate_card({}, "methods/a/method.yaml")


def test_folder_name_that_is_no_name():
    with pytest.raises(FewstepError, match="^methods/My Method/method.yaml: a method's folder is named in lower-"):
        validate_card(CARD, "methods/My Method/method.yaml")


def test_defaults_are_filled_in_in_every_section_by_shape():
    loaded = card(datasets={}, shapes=[shaped(side={"from": 8, "to": 12})])
    assert loaded["datasets"] == {}
    assert loaded["shapes"] == [
        {
            "for": {
                "side": {"from": 8, "to": 12, "multiple_of": 1},
                "channels": 1,
                "labels": "optional",
                "scale": None,
            },
            "nfe": {},
            "recipes": {"default": {"network": {}, "training": {}}},
        }
    ]


def test_a_data_set_may_offer_less_than_the_variant():
    loaded = card(datasets={**CARD["datasets"], "small": {"nfe": {"fixed": [2]}, "recipes": {"default": {}}}})
    assert offered(loaded, "fixed", "small") == [2] and offered(loaded, "fixed", "toys") == [1, 2, 4]
    assert offered(loaded, "heun", "small") == CARD["variants"]["heun"]["nfe"]


@given(st.integers(1, 50), st.integers(0, 60), st.integers(1, 9))
def test_a_range_offers_what_counting_up_from_min_reaches(least, length, step):
    nfe = {"min": least, "max": least + length, "step": step}
    reached, n = set(), least
    while n <= least + length:
        reached.add(n)
        n += step
    assert {value for value in range(-5, 130) if offers(nfe, value)} == reached


@pytest.mark.parametrize(
    ("nfe", "words"),
    [
        ([1, 2, 4], "NFE 1, 2, 4"),
        ({"min": 1, "max": 512, "step": 1}, "NFE from 1 to 512"),
        ({"min": 3, "max": 511, "step": 2}, "odd NFE from 3 to 511"),
        ({"min": 2, "max": 10, "step": 2}, "even NFE from 2 to 10"),
        ({"min": 4, "max": 40, "step": 4}, "NFE from 4 to 40 in steps of 4"),
    ],
)
def test_nfe_in_words(nfe, words):
    assert describe(nfe) == words
