"""The losses have the gradients that the papers derive; spectral norm bounds every layer; truncation truncates."""

import math

import pytest
import torch
import torch.nn.functional as F
from shrunken import lively, network
from torch import nn
from torch.nn.utils import parametrize

from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method

gan = load_method("gan")
relativistic, hinge = gan.LOSSES["relativistic"], gan.LOSSES["hinge"]
SHAPE = ImageShape(1, 8, 8, 10)


class Quadratic(nn.Module):
    """D(x) = x A x / 2 + w x + constant, whose gradient is A x + w; remembers the labels that it was given."""

    def __init__(self, size=16, bend=0.0, constant=0.0):
        super().__init__()
        generator = torch.Generator().manual_seed(3)
        square = torch.randn(size, size, generator=generator) / math.sqrt(size)
        self.a = nn.Parameter(bend * (square + square.T) / 2)
        self.w = nn.Parameter(torch.randn(size, generator=generator))
        self.constant, self.labels = constant, None

    def forward(self, images, labels=None):
        self.labels, x = labels, images.flatten(1)
        return ((x @ self.a) * x).sum(1) / 2 + x @ self.w + self.constant

    def gradient(self, images):
        return images.flatten(1) @ self.a + self.w


@pytest.fixture
def batch(make_batch):
    return make_batch(50, labels=torch.arange(50) % 10)


@pytest.fixture
def fake(make_batch):
    return make_batch(50, seed=1).images.requires_grad_()


def both_losses(loss, discriminator, batch, fake, gamma=0.0):
    d = loss.discriminator_loss(discriminator, batch, fake, {"gamma": gamma})
    return d, loss.generator_loss(discriminator, batch, fake)


def test_a_pair_pulls_by_the_probability_that_it_is_the_wrong_way_round(batch, fake):
    d = Quadratic()
    wrong = torch.sigmoid(d(fake) - d(batch.images)).detach()
    loss_d, loss_g = both_losses(relativistic, d, batch, fake)
    (pull,) = torch.autograd.grad(loss_d, d.w)
    assert torch.allclose(pull, (wrong[:, None] * (fake - batch.images).flatten(1)).mean(0), atol=1e-6)
    (push,) = torch.autograd.grad(loss_g, fake)
    assert torch.allclose(push.flatten(1), -(1 - wrong)[:, None] * d.w / len(wrong), atol=1e-6)


def test_the_generator_wants_what_the_discriminator_does_not(batch, fake):
    # softplus(t) - softplus(-t) = t: the losses of the two players differ by the mean of D(real) - D(fake).
    d = Quadratic(bend=1.0)
    loss_d, loss_g = both_losses(relativistic, d, batch, fake)
    assert (loss_g - loss_d).item() == pytest.approx((d(batch.images) - d(fake)).mean().item(), abs=1e-5)


def test_only_differences_of_logits_count_in_a_pair(batch, fake):
    plain, shifted = (
        torch.stack(both_losses(relativistic, Quadratic(bend=1.0, constant=c), batch, fake, gamma=1.0)) for c in (0, 30)
    )
    assert torch.allclose(plain, shifted, atol=1e-4)


def test_a_perfect_generator_teaches_the_discriminator_nothing(batch):
    d = Quadratic()
    loss_d, loss_g = both_losses(relativistic, d, batch, batch.images.clone())
    assert loss_d.item() == loss_g.item() == pytest.approx(math.log(2))
    assert torch.autograd.grad(loss_d, d.w)[0].abs().max() < 1e-6


def test_r1_and_r2_are_the_squared_gradients_on_real_and_fake_images(batch, fake):
    d, gamma = Quadratic(bend=1.0), 0.7
    images = batch.images.clone().requires_grad_()
    r1, r2 = (d.gradient(x).square().sum(1) for x in (batch.images, fake.detach()))
    assert torch.allclose(relativistic.squared_gradients(d(images), images), r1, rtol=1e-5)
    with_penalty, without = (both_losses(relativistic, d, batch, fake, g)[0] for g in (gamma, 0.0))
    assert (with_penalty - without).item() == pytest.approx(gamma / 2 * (r1.mean() + r2.mean()).item(), rel=1e-4)
    learned = torch.autograd.grad(with_penalty - without, d.w)[0]
    expected = torch.autograd.grad(gamma / 2 * (r1.mean() + r2.mean()), d.w)[0]
    assert torch.allclose(learned, expected, rtol=1e-4, atol=1e-5)


def test_the_penalty_of_a_line_is_its_squared_slope_everywhere(batch, fake):
    d = Quadratic()
    images = torch.cat([batch.images, fake]).detach().requires_grad_()
    penalties = relativistic.squared_gradients(d(images), images)
    assert torch.allclose(penalties, d.w.square().sum().expand(100), rtol=1e-5)


@pytest.mark.parametrize("loss", [relativistic, hinge])
def test_the_discriminator_sees_pairs_of_one_label_and_moves_no_generator(loss, batch, fake):
    d = Quadratic(bend=1.0)
    loss_d = loss.discriminator_loss(d, batch, fake, {"gamma": 1.0})
    assert torch.equal(d.labels, torch.cat([batch.labels, batch.labels]))
    loss_d.backward()
    assert d.w.grad.any() and fake.grad is None


def test_hinge_counts_what_is_within_the_margin(batch, fake):
    class Fixed(nn.Module):
        def __init__(self, logits):
            super().__init__()
            self.logits = nn.Parameter(torch.tensor(logits))

        def forward(self, images, labels=None):
            return self.logits[: len(images)]

    few = type(batch)(batch.images[:2], None, batch.generator)
    d = Fixed([3.0, 0.5, -0.2, -3.0])  # real, real, fake, fake
    loss_d, loss_g = both_losses(hinge, d, few, fake[:2])
    assert loss_d.item() == pytest.approx((0 + 0.5) / 2 + (0.8 + 0) / 2)
    loss_d.backward()
    assert torch.allclose(d.logits.grad, torch.tensor([0, -0.5, 0.5, 0]))
    assert loss_g.item() == pytest.approx(-(3 + 0.5) / 2)


def test_spectral_norm_bounds_every_layer_of_the_discriminator():
    d = gan.network("Discriminator", network(METHODS, "gan", "sngan").recipe, SHAPE)
    layers = [m for m in d.modules() if isinstance(m, nn.Conv2d | nn.Linear | nn.Embedding)]
    assert len(layers) >= 5 and all(parametrize.is_parametrized(layer, "weight") for layer in layers)
    for layer in layers:
        layer.parametrizations.weight.original.data.mul_(50).add_(1.0)
    for _ in range(30):  # one power iteration each
        d(torch.randn(4, *SHAPE.chw), torch.arange(4))
    d.eval()
    for layer in layers:
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() == pytest.approx(1, abs=0.02)


def test_the_label_is_projected_on_the_features():
    d = lively(gan.network("Discriminator", network(METHODS, "gan", "sngan").recipe, SHAPE))
    images = torch.randn(3, *SHAPE.chw)
    features = d.body(images).sum((2, 3))
    zero, one = (d(images, torch.full((3,), label)) for label in (0, 1))
    assert torch.allclose(zero - one, features @ (d.label.weight[0] - d.label.weight[1]), atol=1e-4)


def test_r3gan_has_no_normalisation_and_its_blocks_start_as_the_identity():
    net = network(METHODS, "gan", "default")
    for part in ("Generator", "Discriminator"):
        model = gan.network(part, net.recipe, SHAPE)
        kinds = {type(module).__name__ for module in model.modules()}
        assert "Block" in kinds and not any("Norm" in kind or "Spectral" in kind for kind in kinds)
        for module in model.modules():
            if type(module).__name__ == "Block":
                x = torch.randn(2, module.layers[0].in_channels, 4, 4)
                assert torch.equal(module(x), x) and not torch.allclose(lively(module)(x), x)


@pytest.mark.parametrize("recipe", ["default", "sngan"])
def test_fake_images_have_the_shape_of_real_ones_and_one_logit_each(recipe):
    for shape in (SHAPE, ImageShape(3, 16, 16), ImageShape(1, 8, 8)):
        settings = network(METHODS, "gan", recipe).recipe
        generator, d = (gan.network(part, settings, shape) for part in ("Generator", "Discriminator"))
        labels = torch.arange(5) if shape.classes else None
        images = generator(torch.randn(5, generator.latent), labels)
        assert images.shape == (5, *shape.chw) and d(images, labels).shape == (5,)


def codes(truncation, indices=range(200), size=64):
    request = SampleRequest(SHAPE, 0, indices, 1)
    return gan.sampling_latents(request, size, truncation)


def spread(threshold):
    """Standard deviation of a standard normal number between -threshold and threshold."""
    density, inside = math.exp(-(threshold**2) / 2) / math.sqrt(2 * math.pi), math.erf(threshold / math.sqrt(2))
    return math.sqrt(1 - 2 * threshold * density / inside)


@pytest.mark.parametrize("threshold", [0.3, 1.0, 2.0])
def test_truncated_codes_are_normal_numbers_within_the_threshold(threshold):
    z, whole = codes(threshold), codes(None)
    inside = whole.abs() <= threshold
    assert z.abs().max() <= threshold and torch.equal(z[inside], whole[inside])
    assert z.std().item() == pytest.approx(spread(threshold), rel=0.03) and z.mean().abs() < 0.03 * threshold
    redrawn = z[~inside]
    assert redrawn.std().item() == pytest.approx(spread(threshold), rel=0.05)
    assert len(z.unique()) > 0.99 * z.numel()


def test_a_truncated_code_does_not_depend_on_its_batch():
    whole = codes(0.3)
    assert torch.equal(whole[[7, 3]], codes(0.3, [7, 3]))
    assert whole.std() < codes(1.0).std() < codes(None).std() and codes(None).std().item() == pytest.approx(1, abs=0.02)
    assert torch.equal(codes(100.0), codes(None))


@pytest.mark.parametrize("threshold", [0, -1.0])
def test_a_threshold_that_nothing_passes_is_refused(threshold):
    with pytest.raises(FewstepError, match="truncation must be positive"):
        codes(threshold, [0])


@pytest.fixture(scope="module")
def standing():
    """A generator of `sngan` with random weights and its standing statistics."""
    recipe = network(METHODS, "gan", "sngan").recipe
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = lively(gan.build(recipe, SHAPE))
    gan.set_standing_statistics(model, [3] * SHAPE.classes, seed=0)
    return model


@pytest.mark.parametrize("truncation", [None, 1.0])
def test_standing_statistics_are_those_of_a_very_large_batch(standing, truncation):
    request = SampleRequest(SHAPE, 1, range(4000), 1)
    z, labels = gan.sampling_latents(request, standing.latent, truncation), torch.arange(4000) % 10
    assert not standing.training
    alone = torch.cat([standing(z[i : i + 1], labels[i : i + 1], truncation) for i in range(5)])
    together = standing.train()(z, labels, truncation)[:5]
    standing.eval()
    assert (alone - together).abs().max() < 0.05 < together.std()


def test_each_truncation_has_statistics_of_its_own(standing):
    first = standing.norms[0].norms
    assert (first[1].running_var < first[0].running_var).all()
    # Truncated codes under the statistics of whole ones: the normalised features vary less than they did in training.
    z, labels = codes(1.0, range(100), standing.latent), torch.arange(100) % 10
    assert not torch.allclose(standing(z, labels), standing(z, labels, 1.0), atol=1e-2)


def test_a_truncation_without_statistics_is_refused(standing):
    with pytest.raises(FewstepError, match=r"truncation 0\.5 is not among the network's truncations \[1\.0\]"):
        standing(torch.randn(1, standing.latent), torch.tensor([0]), 0.5)


def test_batch_norm_scales_and_shifts_by_the_label(standing):
    norm = standing.norms[0]
    x = torch.randn(2, norm.scale.shape[1], 3, 3)
    plain = F.batch_norm(x, norm.norms[0].running_mean, norm.norms[0].running_var)
    labels = torch.tensor([3, 7])
    expected = plain * norm.scale[labels][..., None, None] + norm.shift[labels][..., None, None]
    assert torch.allclose(norm(x, labels, 0), expected, atol=1e-5)
