"""A method is given what is known and nothing else; masks and noise are an image's own."""

import pytest
import torch
import torch.nn.functional as F

from fewstep.base.errors import FewstepError
from fewstep.base.schema import load_schema
from fewstep.contract import edit_tasks as tasks
from fewstep.contract.constraints import LUMA
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.plan.edit_names import COLOUR_ONLY, FACTOR, INTERPOLATION, KNOWN_PIXELS, NOISE, PATH, TASKS

SHAPE = ImageShape(3, 16, 16)
CONSTRAINED = ["inpainting_box", "inpainting_pixels", "colourisation", "super_resolution"]


def request(indices=range(4), shape=SHAPE):
    return SampleRequest(shape, 0, list(indices), 1)


def truth(seed=0, count=4):
    return torch.rand(count, *SHAPE.chw, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def make(name, images, indices=range(4)):
    return tasks.make(name, images, request(indices), list(indices))


def elsewhere(name, images):
    """Other images with the same known content."""
    made, other = make(name, images), truth(seed=1).double()
    return made.constraint.project(other, images.double())


@pytest.mark.parametrize("name", CONSTRAINED)
def test_images_with_the_same_known_content_give_the_same_task(name):
    images = truth()
    other = elsewhere(name, images)
    assert (images - other).abs().max() > 0.5
    assert torch.allclose(make(name, images).known, make(name, other).known, atol=1e-6)


@pytest.mark.parametrize("name", CONSTRAINED)
def test_the_input_and_the_true_image_agree_in_what_is_known(name):
    made = make(name, truth())
    assert made.constraint.error(truth().double(), made.known).max() < 1e-6
    assert made.constraint.error(made.project(torch.zeros_like(made.known)), made.known).max() < 1e-9


@pytest.mark.parametrize("name", [name for name in TASKS if name != INTERPOLATION])
def test_an_image_is_degraded_alike_in_every_batch(name):
    whole, part = make(name, truth()), make(name, truth()[[3, 1]], [3, 1])
    assert torch.allclose(whole.known[[3, 1]], part.known, atol=1e-12)


def test_each_image_has_its_own_pixels_and_as_many_as_is_said():
    known = make("inpainting_pixels", truth(count=4)).constraint.known
    assert known.double().mean().item() == pytest.approx(KNOWN_PIXELS, abs=0.05)
    assert not torch.equal(known[0], known[1])


def test_the_hole_is_half_as_wide_as_the_image_and_in_the_middle():
    known = make("inpainting_box", truth()).constraint.known
    assert (~known).sum() == 8 * 8 and not known[4:12, 4:12].any()


def test_low_resolution_is_the_mean_of_squares_and_grey_is_luma():
    images = truth().double()
    small = F.avg_pool2d(make("super_resolution", images).known, FACTOR)
    assert torch.allclose(small, F.avg_pool2d(images, FACTOR), atol=1e-12)
    grey = make("colourisation", images).known
    assert torch.allclose(grey[:, 1], sum(w * images[:, c] for c, w in enumerate(LUMA)), atol=1e-12)
    assert torch.equal(grey[:, 0], grey[:, 2])


def test_noise_has_its_level_and_a_painting_few_tones_and_no_details():
    images = truth()
    noise = make("denoising", images).known - images
    assert noise.std().item() == pytest.approx(NOISE, rel=0.05) and make("denoising", images).sigma == NOISE
    flat = torch.full((1, *SHAPE.chw), -1.0)
    flat[..., 8:, :] = 1.0
    speck = flat.clone()
    speck[..., 3, 3] = 1.0
    assert torch.equal(tasks.painted(speck), flat) and torch.equal(tasks.painted(flat), flat)
    assert len(tasks.painted(images).unique()) <= tasks.TONES


def test_a_path_goes_from_one_noise_to_the_other():
    made = make(INTERPOLATION, truth(count=PATH + 2), range(PATH + 2))
    assert made.known is None and made.shares[:PATH].tolist() == pytest.approx([i / (PATH - 1) for i in range(PATH)])
    assert made.shares[PATH] == 0


def test_what_cannot_be_done_is_refused_in_a_sentence():
    grey = ImageShape(1, 16, 16)
    for name in COLOUR_ONLY:
        with pytest.raises(FewstepError, match="colourisation: these images have no colour"):
            tasks.make(name, truth()[:, :1], request(shape=grey), range(4))
    with pytest.raises(FewstepError, match="images of 15 pixels do not divide into squares of 4"):
        tasks.make("super_resolution", truth()[..., :15, :15], request(), range(4))


def test_cards_and_profiles_know_the_tasks():
    card = load_schema("method")["properties"]["variants"]["additionalProperties"]["properties"]["edits"]
    section = load_schema("config")["properties"]["datasets"]["additionalProperties"]["properties"]["edits"]
    asked = section["properties"]["compare"]["additionalProperties"]
    assert card["propertyNames"]["enum"] == asked["propertyNames"]["enum"] == list(TASKS)
