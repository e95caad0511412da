"""Every section of a card that is for a shape: its networks make images of that shape and start from their teacher."""

import pytest
import torch
from shrunken import least, lively, low_resolution, network, teacher_of

from fewstep.base.folders import METHODS
from fewstep.contract.conditions import DrawnLabels, SmallImages
from fewstep.plan import cards
from fewstep.plan.cells import GENERATE, Cell
from fewstep.plan.method_card import initial_settings, offered
from fewstep.plan.shapes import fits
from fewstep.sampling.sampler import Sampler

CARDS = cards.discover()
SECTIONS = [(name, number) for name, card in CARDS.items() for number in range(len(card["shapes"]))]
LARGE = 32  # side of the largest images that are made here
MOST_NFE = 200


def admitted(name, number):
    """Data sets that a section fits: small ones, grey and in colour, and a large one in colour, without labels."""
    wanted, needs = CARDS[name]["shapes"][number]["for"], CARDS[name]["needs"]
    small = least(wanted)
    scale = small.low_resolution and small.side // small.low_resolution
    made = [
        small._replace(side=side, channels=channels, labelled=labelled, low_resolution=scale and side // scale)
        for side, channels, labelled in (
            (small.side, 1, True),
            (small.side, 3, True),
            (LARGE, 3, needs["labels"] == "required"),
        )
    ]
    return [shape for shape in made if fits(wanted, shape)]


def networks_of(name, number, shape):
    """The networks of the section by recipe, shrunken, where no earlier section takes the data set."""
    earlier = CARDS[name]["shapes"][:number]
    assert not any(fits(section["for"], shape) for section in earlier), "an earlier section hides this one"
    recipes = CARDS[name]["shapes"][number]["recipes"]
    return {recipe: network(METHODS, name, recipe, ("made_up", shape)) for recipe in recipes}


@pytest.mark.parametrize(("name", "number"), SECTIONS)
def test_the_networks_of_a_shape_have_the_weights_of_their_teacher(name, number):
    shapes = admitted(name, number)
    assert shapes
    for shape in shapes:
        for net in networks_of(name, number, shape).values():
            model, teacher = net.module.build(net.recipe, net.shape), teacher_of(net)
            if teacher is not None:
                assert [p.shape for p in model.parameters()] == [p.shape for p in teacher.parameters()]


@pytest.mark.parametrize(("name", "number"), SECTIONS)
def test_samples_of_a_shape_have_its_sides_and_cost_what_the_section_says(name, number):
    for shape in admitted(name, number):
        for recipe, net in networks_of(name, number, shape).items():
            if not (sampled := cards.variants_of(CARDS[name], recipe)):
                continue
            variant, section = sampled[0], CARDS[name]["variants"][sampled[0]]
            nfe = offered(net.card, variant, net.dataset)
            count = nfe["min"] if isinstance(nfe, dict) else min(nfe)
            if count <= MOST_NFE:
                model = lively(net.module.build(net.recipe, net.shape))
                low = low_resolution(net, 0, range(2))
                drawn = DrawnLabels([1] * net.shape.classes)
                condition = drawn if low is None else SmallImages(low, torch.arange(2), "made up")
                cell = Cell("made_up", GENERATE, name, variant, count, 0, 0)
                sampler = Sampler(cell, net.module.sample, model, net.shape, condition, initial_settings(section))
                # Refuses another count of evaluations than the cell's, and what is not finite.
                made = sampler.images([0, 1], batch=2).images
                assert made.shape == (2, shape.side, shape.side, shape.channels)
