"""The hook is found in the code of a method, wherever it is written, and without running it."""

import pytest
import yaml
from shrunken import lively, low_resolution, network, pictures, smallest

from fewstep.base import codehash
from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS
from fewstep.contract import models
from fewstep.contract.method import SampleRequest
from fewstep.plan.cards import discover, read_card
from fewstep.plan.hooks import HOOK, evaluates, requests
from fewstep.plan.method_card import initial_settings, offered
from fewstep.plan.shapes import with_section
from fewstep.scoring.evaluation import IMAGES

BASE = "raise RuntimeError('never run')\n\ndef build(recipe, shape):\n    pass\n"


def write(folder, text, **others):
    (folder / "made_up").mkdir(exist_ok=True)
    for name, content in {"method": text, **others}.items():
        (folder / "made_up" / f"{name}.py").write_text(content)
    codehash.forget()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", False),
        ("def evaluate(model, request, images):\n    return {}\n", True),
        ("from .scores import evaluate\n", True),
        ("from .scores import rate as evaluate\n", True),
        ("evaluate = build\n", True),
        ("def helper():\n    def evaluate():\n        pass\n", False),
    ],
)
def test_the_hook_is_found_by_presence(tmp_path, text, found):
    write(tmp_path, BASE + text, scores="def evaluate():\n    pass\n\ndef rate():\n    pass\n")
    assert evaluates("made_up", tmp_path) == found


@pytest.mark.parametrize("name", sorted(path.parent.name for path in METHODS.glob("*/method.py")))
def test_what_is_found_is_what_the_module_has(name):
    module = models.load_method(name)
    assert evaluates(name) == hasattr(module, HOOK)


@pytest.mark.parametrize("name", [name for name in discover() if evaluates(name)])
def test_every_hook_answers_what_its_card_says_that_it_is_asked(name):
    card = discover()[name]
    dataset, shape = smallest(card)
    card = with_section(card, dataset, shape)
    offers = {variant: offered(card, variant, dataset) for variant in card["variants"]}
    cells = [(variant, nfe["min"] if isinstance(nfe, dict) else nfe[0]) for variant, nfe in offers.items()]
    for asked in requests(card, cells):
        net = network(METHODS, name, asked["recipe"])
        model = lively(net.module.build(net.recipe, net.shape))
        images, labels = pictures(net.shape, 2)
        settings = initial_settings(card["variants"][asked["variant"]]) if asked["nfe"] else asked["sampling"]
        low = low_resolution(net, 0, range(2))
        found = net.module.evaluate(
            model, SampleRequest(net.shape, 0, range(2), asked["nfe"], settings, labels, low_resolution=low), images
        )
        assert all(v.shape == (images.shape if IMAGES in key else (2,)) for key, v in found.items())


CARD = {
    "variants": {
        "a": {"recipe": "one", "sampling": {"solver": "a"}},
        "b": {"recipe": "one", "sampling": {"solver": "b"}},
        "c": {"recipe": "two", "sampling": {}},
    }
}
CELLS = [("b", 2), ("b", 4), ("a", 2), ("c", 1)]


@pytest.mark.parametrize("card", [CARD, CARD | {"evaluate": {"each": "recipe"}}])
def test_a_hook_is_asked_once_for_each_recipe_and_not_told_how_it_is_sampled(card):
    assert requests(card, CELLS) == [
        {"variant": "b", "recipe": "one", "nfe": 0, "sampling": {}},
        {"variant": "c", "recipe": "two", "nfe": 0, "sampling": {}},
    ]


def test_a_hook_of_cells_is_asked_for_every_variant_and_nfe_with_its_own_settings():
    asked = requests(CARD | {"evaluate": {"each": "cell"}}, CELLS)
    assert [(one["variant"], one["nfe"]) for one in asked] == CELLS
    assert [one["sampling"].get("solver") for one in asked] == ["b", "b", "a", None]
    assert [one["recipe"] for one in asked] == ["one", "one", "one", "two"]


def test_a_card_says_how_to_evaluate_only_where_the_method_does(tmp_path):
    template = (METHODS / "_template" / "method.yaml").read_text(encoding="utf-8")
    card = {**yaml.safe_load(template), "evaluate": {"each": "cell"}}
    write(tmp_path, BASE + "def evaluate(model, request, images):\n    return {}\n")
    path = tmp_path / "made_up" / "method.yaml"
    path.write_text(yaml.safe_dump(card))
    assert read_card(path)["evaluate"] == {"each": "cell", "count": None}
    write(tmp_path, BASE)
    with pytest.raises(
        FewstepError, match=r"made_up/method\.yaml: evaluate: method\.py has no function of this name\.$"
    ):
        read_card(path)
