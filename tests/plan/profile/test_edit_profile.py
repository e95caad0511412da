"""What a profile may ask to be edited."""

import copy
import re

import pytest

from fewstep.base.errors import FewstepError
from fewstep.plan.cells import EDIT, cells_of
from fewstep.plan.method_card import validate_card
from fewstep.plan.profile import load

KEY = "datasets.toys.edits.compare.editor/only"


def card(**edits):
    variants = {"only": {"label": "A", "nfe": [1, 2], "edits": edits}}
    raw = {"title": "A", "paper": "B", "year": 2024, "family": "diffusion", "weights": ["train"]}
    return validate_card(
        raw | {"variants": variants, "datasets": {"toys": {"recipes": {"default": {}}}}}, "a/method.yaml"
    )


@pytest.fixture
def cards():
    return {
        "editor": card(strokes={"nfe": {"min": 1, "max": 9, "step": 2}}, colourisation={"nfe": [1]}),
        "other": card(),
    }


def profile(edits, compare=None, **section):
    compare = compare or {"editor/only": [1], "other/only": [1]}
    section = {"source": "digits", "compare": compare, "edits": {"compare": edits}, **section}
    return {"profile": "small", "datasets": {"toys": section}}


def refuses(asked, cards, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        load(asked, cards)


def test_a_profile_edits_nothing_unless_it_says_so(cards):
    plain = profile({})
    del plain["datasets"]["toys"]["edits"]
    assert load(plain, cards)["datasets"]["toys"]["edits"] == {"count": 200, "seeds": [0], "compare": {}}


def test_cells_are_the_list_that_was_written(cards):
    asked = profile({"editor/only": {"strokes": [5, 1]}})
    before = copy.deepcopy(asked)
    loaded = load(asked, cards)
    assert [(c.method, c.variant, c.edit, c.nfe) for c in cells_of(loaded) if c.kind == EDIT] == [
        ("editor", "only", "strokes", 5),
        ("editor", "only", "strokes", 1),
    ]
    assert asked == before


def test_mistakes_are_told_in_one_sentence_that_names_the_key(cards):
    refuses(
        profile({"editor/only": {"strokes": [2]}}), cards,
        f"{KEY}.strokes: editor offers odd NFE from 1 to 9 for this, not 2.",
    )  # fmt: skip
    refuses(
        profile({"editor/only": {"denoising": [1]}}), cards,
        f"{KEY}.denoising: editor does not offer this with variant only (known: strokes, colourisation).",
    )  # fmt: skip
    refuses(
        profile({"editor/only": {"stroke": [1]}}), cards,
        f"{KEY}.stroke: stroke is not one of inpainting_box, inpainting_pixels, colourisation, super_resolution,"
        " strokes, denoising, interpolation; did you mean strokes?",
    )  # fmt: skip
    refuses(
        profile({"editor/only": {"strokes": [1]}}, {"other/only": [1]}), cards,
        f"{KEY}: only what the data set compares is asked to edit (known: other/only); did you mean other/only?",
    )  # fmt: skip
    refuses(profile({"editor/only": {}}), cards, f"{KEY}: this must not be empty.")


def test_grey_images_get_no_colour(cards):
    edits = {"editor/only": {"colourisation": [1]}}
    refuses(
        profile(edits), cards,
        f"{KEY}.colourisation: the images of source digits are grey; there is no colour to give.",
    )  # fmt: skip
    load(profile(edits, source="cifar10", scores={"extractor": "inception"}), cards)


def test_a_card_with_an_empty_range_is_refused():
    with pytest.raises(FewstepError, match="variants.only.edits.strokes.nfe: max must not be less than min"):
        card(strokes={"nfe": {"min": 3, "max": 2}})
    with pytest.raises(FewstepError, match="variants.only.edits.stroke: "):
        card(stroke={"nfe": [1]})
