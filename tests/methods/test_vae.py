"""The likelihood is one of 256 levels, drawn as it is scored; the bound is exact where the evidence is known."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.images.pixels import from_uint8, to_uint8

vae = load_method("vae")
log_likelihood, draw = vae.likelihood.log_likelihood, vae.likelihood.draw
LEVELS = (2 * torch.arange(256, dtype=torch.float64) - 255) / 255
MEANS, LOG_SCALES = torch.meshgrid(
    torch.tensor([-3.0, -1.0, -0.2, 0.37, 1.0]).double(),
    torch.tensor([-7.0, -4.0, -2.0, 0.0, 2.0]).double(),
    indexing="ij",
)
MEANS, LOG_SCALES = MEANS.reshape(-1, 1), LOG_SCALES.reshape(-1, 1)


def test_the_levels_are_those_of_images():
    pixels = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16, 1).numpy()
    assert torch.allclose(from_uint8(pixels).flatten().double(), LEVELS, atol=1e-7)


def test_probabilities_of_the_256_levels_sum_to_one():
    total = log_likelihood(LEVELS.expand(25, 256), MEANS, LOG_SCALES).exp().sum(1)
    assert torch.allclose(total, torch.ones(25).double(), rtol=1e-10)
    single = log_likelihood(LEVELS.float().expand(25, 256), MEANS.float(), LOG_SCALES.float()).exp().sum(1)
    assert torch.allclose(single, torch.ones(25), rtol=1e-3)


def test_a_level_has_the_mass_of_its_bin():
    edges = torch.cat([torch.tensor([-math.inf]), (LEVELS[1:] + LEVELS[:-1]) / 2, torch.tensor([math.inf])])
    cdf = torch.sigmoid((edges - MEANS) / LOG_SCALES.exp())
    assert torch.allclose(log_likelihood(LEVELS.expand(25, 256), MEANS, LOG_SCALES).exp(), cdf.diff(), atol=1e-12)


def test_wide_bins_have_the_density_of_the_logistic_distribution():
    x = LEVELS[1:-1]
    t = (x - 0.1) / math.exp(0.5)
    density = -t - 0.5 - 2 * torch.nn.functional.softplus(-t)
    found = log_likelihood(x, torch.tensor(0.1).double(), torch.tensor(0.5).double())
    assert torch.allclose(found, density + math.log(2 / 255), atol=1e-5)


@pytest.mark.parametrize("mean", [-50.0, 0.0, 50.0])
@pytest.mark.parametrize("log_scale", [-7.0, 10.0])
def test_the_likelihood_and_its_gradient_are_finite_however_wrong_the_model(mean, log_scale):
    parameters = [torch.full((256,), value, requires_grad=True) for value in (mean, log_scale)]
    value = log_likelihood(LEVELS.float(), *parameters)
    assert torch.isfinite(value).all() and (value <= 0).all()
    assert all(torch.isfinite(g).all() for g in torch.autograd.grad(value.sum(), parameters))


@pytest.mark.parametrize(("mean", "log_scale"), [(-0.95, -3.0), (0.2, -4.5), (0.0, 0.0)])
def test_drawn_pixels_fall_on_the_levels_as_they_are_scored(mean, log_scale):
    shape = (1, 1, 400, 500)
    normal = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    pixels = draw(torch.full(shape, mean), torch.full(shape, log_scale), normal).clamp(-1, 1)
    counts = torch.from_numpy(to_uint8(pixels)).flatten().long().bincount(minlength=256)
    expected = 200_000 * log_likelihood(LEVELS, torch.tensor(mean).double(), torch.tensor(log_scale).double()).exp()
    large = expected > 20
    assert ((counts - expected)[large].abs() / expected[large].sqrt()).max() < 4.5
    assert abs(counts[~large].sum() - expected[~large].sum()) < 5 * (1 + expected[~large].sum()) ** 0.5


class LinearGaussian(nn.Module):
    """x = W z + b + s e with z, e standard normal and orthogonal columns of W: posterior and evidence are Gaussian."""

    def __init__(self, size=12, latent=3, noise=0.4):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        columns, _ = torch.linalg.qr(torch.randn(size, latent, generator=generator).double())
        lengths = torch.tensor([1.5, 0.7, 0.2]).double()
        self.w, self.b, self.noise = columns * lengths, torch.linspace(-1, 1, size).double(), noise
        self.variance = 1 / (1 + lengths**2 / noise**2)
        self.shift, self.stretch = torch.zeros(latent).double(), 1.0  # of q, away from the posterior

    def posterior(self, images):
        mean = self.variance * ((images.flatten(1) - self.b) @ self.w) / self.noise**2
        return Normal(mean, self.variance.sqrt().expand_as(mean))

    def encode(self, images, labels=None):
        true = self.posterior(images)
        return true.mean + self.shift, (self.stretch * true.stddev).log()

    def forward(self, z, labels=None):
        mean = (z @ self.w.T + self.b).reshape(-1, 1, 3, 4)
        return torch.stack([mean, torch.full_like(mean, math.log(self.noise))], dim=1)

    def evidence(self, images):
        covariance = self.w @ self.w.T + self.noise**2 * torch.eye(len(self.b)).double()
        return MultivariateNormal(self.b, covariance).log_prob(images.flatten(1))


@pytest.fixture
def gaussian_pixels(monkeypatch):
    """The bound with Gaussian pixels in place of discretised logistic ones: the evidence is then known."""
    monkeypatch.setattr(
        vae.likelihood, "log_likelihood", lambda x, mean, log_std: Normal(mean, log_std.exp()).log_prob(x)
    )


def expected_bound(model, images, latent=3):
    """The bound's expectation over codes: for a quadratic function of them the mean over 2 x latent points is exact."""
    points = math.sqrt(latent) * torch.cat([torch.eye(latent), -torch.eye(latent)]).double()
    return torch.stack([vae.negative_elbo(model, images, None, p.expand(len(images), -1)) for p in points]).mean(0)


def test_with_the_true_posterior_the_bound_is_the_evidence(gaussian_pixels):
    model, images = LinearGaussian(), torch.randn(7, 1, 3, 4, generator=torch.Generator().manual_seed(1)).double()
    assert torch.allclose(expected_bound(model, images), -model.evidence(images))


def test_another_posterior_costs_its_divergence_from_the_true_one(gaussian_pixels):
    model, images = LinearGaussian(), torch.randn(7, 1, 3, 4, generator=torch.Generator().manual_seed(1)).double()
    model.shift, model.stretch = torch.tensor([0.3, -0.2, 0.5]).double(), 1.3
    mean, log_std = model.encode(images)
    gap = kl_divergence(Normal(mean, log_std.exp()), model.posterior(images)).sum(1)
    assert torch.allclose(expected_bound(model, images), gap - model.evidence(images)) and gap.min() > 0.1


def test_a_code_that_says_nothing_costs_nothing():
    class Silent(nn.Module):
        def encode(self, images, labels):
            return torch.zeros(len(images), 4), torch.zeros(len(images), 4)

        def forward(self, z, labels):
            return torch.tensor([0.0, -1.0]).reshape(1, 2, 1, 1, 1).expand(len(z), 2, 1, 16, 16)

    images = LEVELS.float().reshape(1, 1, 16, 16)
    found = vae.negative_elbo(Silent(), images, None, torch.randn(1, 4))
    assert found.item() == pytest.approx(-log_likelihood(images, torch.tensor(0.0), torch.tensor(-1.0)).sum().item())


def test_bits_per_dim_are_bits_and_count_every_channel():
    assert vae.bits_per_dim(torch.tensor(8 * 192 * math.log(2)), ImageShape(3, 8, 8)).item() == pytest.approx(8)


@pytest.fixture(scope="module")
def model():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = {"channels": [8, 8], "blocks": 1, "latent": 5, "patch": 2}
        return vae.build({"network": network}, ImageShape(1, 28, 28, 10)).eval()


def test_held_out_images_are_scored_one_by_one(model):
    shape, generator = ImageShape(1, 28, 28, 10), torch.Generator().manual_seed(0)
    images = from_uint8(torch.randint(256, (4, 28, 28, 1), generator=generator).to(torch.uint8).numpy())
    labels = torch.arange(4)

    def scores(rows):
        request = SampleRequest(shape, 0, rows, 1, labels=labels[rows])
        return vae.evaluate(model, request, images[rows])["bits_per_dim_bound"]

    together = scores([0, 1, 2, 3])
    assert together.shape == (4,) and torch.allclose(together, torch.cat([scores([i]) for i in range(4)]), rtol=1e-5)
    request = SampleRequest(shape, 0, [0], 1, labels=labels[:1])
    noise = request.noise("posterior", (5,))
    by_hand = vae.negative_elbo(model, images[:1], labels[:1], noise) / (784 * math.log(2))
    assert together[0].item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_observation_noise_is_that_of_the_model():
    class Grey(nn.Module):
        latent = 2

        def forward(self, z, labels):
            return torch.tensor([0.1, -3.0]).reshape(1, 2, 1, 1, 1).expand(len(z), 2, 1, 8, 8)

    def images(noisy):
        return vae.sample(Grey(), SampleRequest(ImageShape(1, 8, 8), 0, range(100), 1, {"observation_noise": noisy}))

    assert (images(False) == 0.1).all()
    assert images(True).mean().item() == pytest.approx(0.1, abs=0.005)
    assert images(True).std().item() == pytest.approx(math.exp(-3) * math.pi / math.sqrt(3), rel=0.03)
