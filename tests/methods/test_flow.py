"""The flow is invertible, knows its Jacobian, and is a density: bits per dimension are exact."""

import math

import pytest
import torch
from shrunken import lively, pictures
from torch.distributions import Normal, SigmoidTransform, TransformedDistribution

from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.images.pixels import to_uint8

flow = load_method("flow")
SHAPE = ImageShape(1, 8, 8, 10)
GREY = torch.arange(256).repeat(3)[: 8 * 64].reshape(8, 1, 8, 8)


@pytest.fixture
def model():
    """Two levels, weights away from the start, float64."""
    torch.manual_seed(0)
    model = flow.Flow(SHAPE, [2, 2], [6, 8])
    model.mean.normal_()
    model.std.uniform_(0.5, 2)
    return lively(model).double()


@pytest.fixture
def plane():
    """A flow of two values: one pixel of two channels."""
    torch.manual_seed(0)
    return lively(flow.Flow(ImageShape(2, 1, 1), [3], [6], patch=1)).double()


def points(count, *shape):
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_decoding_undoes_encoding(model):
    v, labels = points(6, 1, 8, 8), torch.arange(6)
    z, _ = model.encode(v, labels)
    assert z.shape == v.shape and (z - v).abs().max() > 0.1
    assert torch.allclose(model(z, labels), v, atol=1e-10)
    other = torch.randn(6, 1, 8, 8, dtype=torch.float64)
    assert torch.allclose(model.encode(model(other, labels), labels)[0], other, atol=1e-6)


def test_decoding_in_single_precision_gives_every_grey_level_back(model):
    images = GREY.float() / 127.5 - 1
    v, labels = flow.dequantise(images, torch.full_like(images, 0.5)), torch.arange(8)
    decoded = model.float()(model.encode(v, labels)[0], labels)
    assert (to_uint8(flow.quantise(decoded)).squeeze(-1) == GREY.squeeze(1).numpy()).all()


def test_the_log_determinant_is_that_of_autograds_jacobian(model):
    for i, v in enumerate(points(3, 1, 1, 8, 8)):
        label = torch.tensor([i])
        jacobian = torch.autograd.functional.jacobian(lambda x: model.encode(x, label)[0], v).reshape(64, 64)  # noqa: B023
        assert model.encode(v, label)[1].item() == pytest.approx(torch.linalg.slogdet(jacobian).logabsdet.item())


def test_every_latent_feels_half_of_the_image_or_more(model):
    v = points(1, 1, 8, 8)
    jacobian = torch.autograd.functional.jacobian(lambda x: model.encode(x)[0], v).reshape(64, 64)
    assert ((jacobian.abs() > 1e-9).sum(dim=1) > 15).all()


def test_the_density_integrates_to_one(plane):
    logits = torch.linspace(-25, 25, 701, dtype=torch.float64)
    side = torch.sigmoid(logits)
    width = side * (1 - side) * (logits[1] - logits[0])  # dv of a cell of even width in the logits
    v = torch.cartesian_prod(side, side).reshape(-1, 2, 1, 1)
    mass = plane.log_density(v).exp() * torch.cartesian_prod(width, width).prod(dim=1)
    assert mass.sum().item() == pytest.approx(1, abs=1e-3)
    assert mass.max() < 1e-2  # it is spread over many cells


def test_samples_have_the_density(plane):
    v = plane(torch.randn(20_000, 2, 1, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    drawn = ((v < 0.4).flatten(1).all(dim=1)).double().mean().item()
    cells = (torch.arange(400, dtype=torch.float64) + 0.5) / 1000
    corner = torch.cartesian_prod(cells, cells).reshape(-1, 2, 1, 1)
    assert 0.05 < drawn < 0.95
    assert drawn == pytest.approx(plane.log_density(corner).exp().mean().item() * 0.16, abs=0.012)


def test_an_untrained_flow_is_a_logit_normal_density():
    torch.manual_seed(0)
    v = 0.05 + 0.9 * points(5, 1, 8, 8)
    exact = TransformedDistribution(Normal(torch.zeros(()).double(), 1), SigmoidTransform()).log_prob(v)
    density = flow.Flow(SHAPE, [2, 2], [6, 8]).double().log_density(v, torch.arange(5))
    assert torch.allclose(density, exact.flatten(1).sum(dim=1), atol=0.01)


def test_a_uniform_density_costs_eight_bits():
    class Uniform:
        def log_density(self, v, labels):
            return torch.zeros(len(v))

    images = torch.full((3, 1, 8, 8), -1.0)
    assert flow.bits_per_dim(Uniform(), images, None, torch.rand(3, 1, 8, 8)).tolist() == [8.0] * 3


def test_bits_per_dimension_bound_the_cost_of_the_grey_level():
    # -E log2 p(level + noise) >= -log2 of the probability of the level, which for a logit-normal density is known.
    model = flow.Flow(ImageShape(1, 2, 2), [1], [4]).double()
    noise = (torch.arange(4000).double() + 0.5).div(4000).reshape(-1, 1, 1, 1).expand(-1, 1, 2, 2)
    for level in (20, 128, 240):
        image = torch.full((4000, 1, 2, 2), level / 127.5 - 1, dtype=torch.float64)
        bits = flow.bits_per_dim(model, image, None, noise).mean().item()
        edges = torch.logit(torch.tensor([level, level + 1.0]).double() / 256)
        exact = -(torch.special.ndtr(edges[1]) - torch.special.ndtr(edges[0])).log2().item()
        assert exact <= bits < exact + 0.7


def test_dequantised_images_stay_in_their_grey_level():
    images = GREY.float() / 127.5 - 1
    for noise in (0.01, 0.25, 0.99):
        v = flow.dequantise(images, torch.full_like(images, noise))
        assert torch.equal((v * 256).floor().long(), GREY)
        assert (to_uint8(flow.quantise(v)).squeeze(-1) == GREY.squeeze(1).numpy()).all()


def test_training_reaches_the_entropy_of_a_correlated_density():
    torch.manual_seed(0)
    root = torch.tensor([[1.0, 0.0], [0.9, 0.3]])
    model = flow.Flow(ImageShape(2, 1, 1), [2], [8], patch=1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)

    def loss():
        logits = torch.randn(256, 2) @ root.T
        v = torch.sigmoid(logits).reshape(-1, 2, 1, 1)
        # In nats per image, of the logits: their entropy is that of the normal distribution.
        return -(model.log_density(v) + (v * (1 - v)).log().flatten(1).sum(dim=1)).mean()

    for _ in range(300):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    entropy = 1 + math.log(2 * math.pi) + math.log(0.3)
    with torch.no_grad():
        assert sum(loss().item() for _ in range(20)) / 20 == pytest.approx(entropy, abs=0.05)


def test_standardised_logits_have_no_mean_and_unit_spread(model):
    v = 0.1 + 0.8 * points(500, 1, 8, 8) ** 3
    model.standardise(v)
    logits = (torch.logit(v) - model.mean) / model.std
    assert logits.mean(dim=0).abs().max() < 1e-3 and (logits.std(dim=0) - 1).abs().max() < 1e-3


def request(temperature=1.0, count=6):
    settings, labels = {"temperature": temperature}, torch.zeros(count, dtype=torch.int64)
    return SampleRequest(SHAPE, 0, range(count), 1, settings, labels)


def test_temperature_shrinks_the_noise(model):
    model = model.float()
    half, cold = (flow.sample(model, request(temperature)) for temperature in (0.5, 0.0))
    assert torch.equal(half, flow.quantise(model(0.5 * request().noise(), request().labels)))
    assert torch.allclose(cold, cold[:1].expand_as(cold), atol=1e-6) and half.std(dim=0).min() > 0


def test_held_out_images_are_scored_one_by_one(model):
    model, (images, labels) = model.float(), pictures(SHAPE, 6)
    asked = SampleRequest(SHAPE, 0, range(6), 1, {}, labels)
    bits = flow.evaluate(model, asked, images)["bits_per_dim"]
    alone = SampleRequest(SHAPE, 0, [4], 1, {}, labels[4:5])
    assert bits.shape == (6,) and torch.isfinite(bits).all()
    assert flow.evaluate(model, alone, images[4:5])["bits_per_dim"].item() == pytest.approx(bits[4].item(), rel=1e-5)
    relabelled = SampleRequest(SHAPE, 0, range(6), 1, {}, (labels + 1) % 10)
    assert not torch.allclose(flow.evaluate(model, relabelled, images)["bits_per_dim"], bits)
