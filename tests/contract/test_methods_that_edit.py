"""Every method with a function `edit` keeps its contract, whatever its card offers."""

import numpy as np
import pytest
import torch
from shrunken import lively, network

from fewstep.base.folders import METHODS
from fewstep.contract.conditions import KnownContent
from fewstep.contract.method import ImageShape
from fewstep.data import Split
from fewstep.plan import cards
from fewstep.plan.cells import Cell
from fewstep.plan.edit_names import TASKS
from fewstep.plan.hooks import EDIT, defines
from fewstep.sampling.sampler import Sampler, maker

SHAPE = ImageShape(3, 8, 8, 10)
COUNT = 5


def offers():
    """(method, variant, task) of every card."""
    return [
        (name, variant, task)
        for name, card in cards.discover().items()
        for variant, section in card["variants"].items()
        for task in section["edits"]
    ]


@pytest.fixture(scope="session")
def real():
    return Split(np.random.default_rng(0).integers(0, 256, (COUNT, 8, 8, 3), dtype=np.uint8), np.arange(COUNT))


@pytest.fixture(scope="session")
def built():
    """A function of a method and a recipe that gives its module and a tiny colour model with random weights."""
    made = {}

    def get(name, recipe):
        if (name, recipe) not in made:
            net = network(METHODS, name, recipe)
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                made[name, recipe] = net.module, lively(net.module.build(net.recipe, SHAPE))
        return made[name, recipe]

    return get


@pytest.mark.parametrize("name", cards.discover())
def test_a_card_offers_edits_where_the_method_has_the_function(name):
    offered = any(method == name for method, _, _ in offers())
    assert defines(name, EDIT) == offered


@pytest.mark.parametrize(("name", "variant", "task"), offers())
def test_an_edit_keeps_what_is_known_costs_what_it_says_and_does_not_depend_on_its_batch(
    built, real, name, variant, task
):
    section = cards.discover()[name]["variants"][variant]
    module, model = built(name, section["recipe"])
    offer = section["edits"][task]
    settings = {**section["sampling"], **offer["settings"]}
    for nfe in offer["nfe"] if isinstance(offer["nfe"], list) else (offer["nfe"]["min"], offer["nfe"]["min"] + 2):
        cell = Cell("toys", f"edit/{task}", name, variant, nfe, 0, 0)
        sampler = Sampler(cell, maker(module, cell), model, SHAPE, KnownContent(task, real), settings)
        # Refuses what is not finite, and a count that differs from the declared one.
        whole, single = sampler.images(range(COUNT), COUNT), sampler.images([3], 1)
        assert whole.images.shape == (COUNT, 8, 8, 3) and sum(whole.nfe.values()) == nfe
        assert np.abs(whole.images[3].astype(int) - single.images[0]).max() <= 1
        assert np.isnan(whole.errors).any() == (not TASKS[task].known)
        if TASKS[task].known:
            assert whole.errors[:, 0].max() < 1e-9 and whole.errors[:, 1].max() <= 1
