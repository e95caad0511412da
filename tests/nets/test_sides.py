"""Images of every size: a method makes them, or its `build` says in one sentence what must divide their sides."""

import re
from dataclasses import replace

import pytest
import torch
from shrunken import lively, low_resolution, network, networks

from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS
from fewstep.contract.conditions import DrawnLabels
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.nets.sides import check_sides
from fewstep.nets.unet import super_resolver_for, unet_for
from fewstep.plan import cards
from fewstep.plan.method_card import initial_settings, offered

SIDES = (7, 9, 10)


def variants():
    """{(method, recipe): a variant} of the recipes that are sampled."""
    present, found = networks(METHODS), {}
    for name, card in cards.discover().items():
        for variant, section in card["variants"].items():
            if (name, section["recipe"]) in present:
                found.setdefault((name, section["recipe"]), variant)
    return found


VARIANTS = variants()


def images(net, variant, shape):
    """Two images of a new network."""
    settings = initial_settings(net.card["variants"][variant])
    nfe = offered(net.card, variant, net.dataset)
    request = SampleRequest(shape, 0, [0, 1], nfe["min"] if isinstance(nfe, dict) else nfe[0], settings)
    request = DrawnLabels([1] * shape.classes).of(replace(request, low_resolution=low_resolution(net, 0, [0, 1])))
    model = lively(net.module.build(net.recipe, shape))
    with torch.inference_mode():
        return net.module.sample(model, request)


@pytest.mark.parametrize(("name", "recipe"), sorted(VARIANTS))
def test_a_method_makes_images_of_every_side_or_says_what_divides_it(name, recipe):
    net = network(METHODS, name, recipe)
    for side in SIDES:
        shape = ImageShape(net.shape.channels, side, side, net.shape.classes)
        try:
            made = images(net, VARIANTS[name, recipe], shape)
        except FewstepError as error:
            sentence = f"{name}: images of {side} x {side} pixels; sides must be divisible by "
            divisor = re.fullmatch(rf"{re.escape(sentence)}(\d+)\.", str(error))
            assert divisor, error
            assert side % int(divisor[1]) and net.shape.height % int(divisor[1]) == 0
        else:
            assert made.shape == (2, *shape.chw)


@pytest.mark.parametrize("make", [unet_for, super_resolver_for])
def test_the_sentence_of_a_u_net_names_the_patch(make):
    network = {"channels": [8], "blocks": 1, "patch": 4}
    make(network, ImageShape(1, 12, 8))
    with pytest.raises(
        FewstepError, match=r"^network\.patch: images of 12 x 10 pixels; sides must be divisible by 4\.$"
    ):
        make(network, ImageShape(1, 12, 10))


@pytest.mark.parametrize(("height", "width"), [(6, 7), (7, 6), (7, 7)])
def test_both_sides_count(height, width):
    check_sides("gan", ImageShape(1, 6, 6), 3)
    with pytest.raises(
        FewstepError, match=rf"^gan: images of {height} x {width} pixels; sides must be divisible by 3\.$"
    ):
        check_sides("gan", ImageShape(1, height, width), 3)


def test_a_cascade_makes_images_of_its_last_stage():
    net = network(METHODS, "cdm", "sr_plain")
    with pytest.raises(FewstepError, match=r"^cdm: images of 16 x 16 pixels; the last stage makes 8 x 8\.$"):
        net.module.build(net.recipe, ImageShape(1, 16, 16, 10))
