"""PixelCNN: an exact likelihood of 256 grey levels, colours one after the other, and samples that follow it."""

import math

import pytest
import torch

from fewstep.contract import nfe
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.nets.gated_pixelcnn import Cache
from fewstep.plan.cards import discover
from fewstep.training.loop import TrainingRun

pixelcnn = load_method("pixelcnn")
NETWORK = {"features": 8, "dilations": [1, 2]}


def model(shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    net = pixelcnn.build({"network": NETWORK}, shape)
    for parameter in net.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)
    return net.eval().requires_grad_(False)


def images(shape, count=3, seed=1):
    """Random images whose pixels are whole grey levels."""
    levels = torch.randint(256, (count, *shape.chw), generator=torch.Generator().manual_seed(seed))
    return levels / 127.5 - 1


def request(shape, count=3, seed=0):
    return SampleRequest(shape, seed, range(count), 0, labels=torch.arange(count) % 10 if shape.classes else None)


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_levels_and_images_are_the_same_thing(channels):
    shape = ImageShape(channels, 4, 5)
    pictures = images(shape)
    values = pixelcnn.to_values(pictures)
    assert values.shape == (3, 4, 5 * channels) and torch.equal(pixelcnn.to_images(values, shape), pictures)
    assert torch.equal(values[:, 1, 2 * channels : 3 * channels] / 127.5 - 1, pictures[:, :, 1, 2])
    assert pixelcnn.to_values(torch.tensor([-1.0, 1.0]).view(1, 1, 1, 2)).flatten().tolist() == [0, 255]


def test_a_colour_follows_from_those_before_it_in_its_pixel():
    shape = ImageShape(3, 4, 4)
    net, pictures = model(shape), images(shape)
    before = pixelcnn.nats(net, pictures, None)
    for channel in range(3):
        changed = pictures.clone()
        changed[:, channel, 1, 2] *= -1
        place = 4 * 3 + 2 * 3 + channel
        moved = (pixelcnn.nats(net, changed, None) - before).flatten(1).abs() > 0
        assert not moved[:, :place].any() and moved[:, place : place + 3].all()


def test_a_network_that_knows_nothing_needs_eight_bits():
    shape = ImageShape(1, 4, 4, 10)
    net = model(shape)
    torch.nn.init.zeros_(net.head[-1].weight)
    torch.nn.init.zeros_(net.head[-1].bias)
    bits = pixelcnn.evaluate(net, request(shape), images(shape))["bits_per_dim"]
    assert bits.tolist() == pytest.approx([8, 8, 8])


def test_bits_are_those_of_drawing_the_image_pixel_by_pixel():
    shape = ImageShape(3, 2, 2, 10)
    net, pictures, labels = model(shape), images(shape), torch.tensor([0, 1, 2])
    values, total = pixelcnn.to_values(pictures).flatten(1), 0
    cache = Cache(net, 3, labels)
    for i in range(12):
        logits = net(cache, values[:, i - 1] if i else None)
        total = total - logits.log_softmax(dim=1).gather(1, values[:, i : i + 1]).squeeze(1)
    bits = pixelcnn.evaluate(net, request(shape), pictures)["bits_per_dim"]
    assert torch.allclose(bits.double(), total / 12 / math.log(2), atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
def test_an_image_costs_one_evaluation_for_each_pixel_and_channel(channels):
    shape = ImageShape(channels, 4, 5, 10)
    net = model(shape)
    with nfe.counting(net) as counted:
        made = pixelcnn.sample(net, request(shape))
    assert made.shape == (3, channels, 4, 5) and counted.per_image(3) == {"model": 20 * channels}
    assert torch.equal(pixelcnn.to_images(pixelcnn.to_values(made), shape), made)


def test_samples_follow_the_distribution_of_the_network():
    shape = ImageShape(1, 4, 4, 10)
    net = model(shape)
    probabilities = torch.full((256,), 1e-12)
    probabilities[[3, 200, 255]] = torch.tensor([0.5, 0.2, 0.3])
    torch.nn.init.zeros_(net.head[-1].weight)
    net.head[-1].bias.copy_(probabilities.log())
    levels = pixelcnn.to_values(pixelcnn.sample(net, request(shape, 500)))
    found = levels.flatten().bincount(minlength=256) / levels.numel()
    assert found[[3, 200, 255]].tolist() == pytest.approx([0.5, 0.2, 0.3], abs=0.02) and found.sum() == 1
    together = torch.corrcoef(torch.stack([levels[:, 0, 0], levels[:, 2, 3]]).double())[0, 1]
    assert abs(together) < 0.15  # every pixel has a number of its own


def test_training_learns_the_distribution(tmp_path):
    shape = ImageShape(1, 2, 2, 2)
    pictures = torch.tensor([[-1.0, -1, 1, 1], [1.0, 1, -1, -1]]).view(2, 1, 2, 2)
    training = {"steps": 120, "batch": 16, "learning_rate": 0.01, "ema_decay": 0.9}
    recipe = {"network": NETWORK, "training": training}
    run = TrainingRun(recipe, shape, pictures, torch.arange(2), tmp_path, tmp_path / "log.csv")
    net = pixelcnn.train(run).eval()
    with torch.inference_mode():
        bits = pixelcnn.evaluate(net, request(shape, 2), pictures)["bits_per_dim"]
        made = pixelcnn.sample(net, SampleRequest(shape, 0, range(20), 4, labels=torch.arange(20) % 2))
    assert bits.max() < 0.5
    assert (made == pictures[torch.arange(20) % 2]).flatten(1).all(dim=1).float().mean() > 0.8


def test_the_card_lists_an_evaluation_for_each_pixel_and_channel():
    shapes = discover()["pixelcnn"]["shapes"]
    assert shapes
    for section in shapes:
        assert section["nfe"] == {"ancestral": [section["for"]["side"] ** 2 * section["for"]["channels"]]}
