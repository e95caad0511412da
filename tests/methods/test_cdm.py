"""CDM: the schedule and its solver, corruptions of the condition with known outcomes, and stages trained apart."""

import importlib
import math

import pytest
import torch
from shrunken import lively, network, pictures, start_of, training_run
from torch import nn
from torchvision.transforms.functional import gaussian_blur

from fewstep.base.folders import METHODS
from fewstep.contract import nfe
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.diffusion.preconditioning import Denoiser, as_batch
from fewstep.images.resampling import downsample
from fewstep.plan import cards

cdm = load_method("cdm")
augmentation, levels = (importlib.import_module(f"{cdm.__name__}.{name}") for name in ("augmentation", "levels"))
DIGITS = ImageShape(1, 8, 8, 10)
SMALL = {"channels": [8, 16], "blocks": 1}


def model(*sides, shape=DIGITS, seed=0):
    torch.manual_seed(seed)
    recipe = {"network": {"stages": [{"side": side, **SMALL} for side in sides or (4, 8)]}}
    return lively(cdm.build(recipe, shape), seed)


def request(steps, **settings):
    """Three images of three classes."""
    return SampleRequest(DIGITS, 0, range(3), sum(steps), {"steps": {sum(steps): steps}, **settings}, torch.arange(3))


def draws(seed=0, count=3):
    """Functions that draw uniform numbers [count] and normal noise of a shape."""
    generator = torch.Generator().manual_seed(seed)
    return lambda: torch.rand(count, generator=generator), lambda shape: torch.randn(shape, generator=generator)


# The schedule and its solver


def test_the_schedule_begins_at_the_image_and_ends_at_noise():
    gamma = lambda t: 1 / (1 + levels.sigma_of(torch.tensor(t, dtype=torch.float64)).item() ** 2)  # noqa: E731
    assert gamma(levels.T_MAX) < 1e-4 and gamma(levels.T_MIN) > 0.999
    assert gamma(0.5) == pytest.approx(0.5) and gamma(0.25) == pytest.approx(math.cos(math.pi / 8) ** 2)
    assert levels.sigma_of(torch.zeros(1)).item() == 0


def test_noising_gives_the_marginal_of_the_forward_process():
    _, normal = draws()
    x0, t = torch.full((40_000, 1, 2, 2), 0.7), torch.full((40_000,), 0.3)
    made = levels.noised(x0, t, normal(x0.shape))
    gamma = math.cos(math.pi * 0.15) ** 2
    assert made.mean().item() == pytest.approx(math.sqrt(gamma) * 0.7, abs=0.005)
    assert made.var().item() == pytest.approx(1 - gamma, rel=0.02)
    # The same state as x0 + sigma z, scaled by sqrt(gamma).
    again = (x0 + levels.sigma_of(torch.tensor(0.3)) * draws()[1](x0.shape)) * math.sqrt(gamma)
    assert torch.allclose(made, again, atol=1e-5)


def test_noise_of_level_0_changes_nothing():
    x0 = pictures(DIGITS)[0]
    assert torch.equal(levels.noised(x0, torch.zeros(len(x0)), torch.randn_like(x0)), x0)


def test_levels_fall_to_where_they_shall_end():
    for end in (0.0, 0.2):
        found = levels.grid(5, end)
        assert len(found) == 6 and (found.diff() < 0).all()
        assert found[-1].item() == pytest.approx(math.tan(math.pi * end / 2), abs=1e-12)


def test_the_solver_is_that_of_diffusers(recorder):
    edm = load_method("edm")
    bent = recorder(lambda x, sigma: torch.tanh(x / (1 + sigma)))
    x, grid = 80 * torch.randn(4, 1, 2, 2, dtype=torch.float64), levels.grid(9)
    denoise = lambda x, sigma: bent(x, as_batch(sigma, x)).detach()  # noqa: E731
    theirs = edm.solve(denoise, x, grid[:-1], "dpm_solver")
    assert torch.allclose(levels.solve(denoise, x, grid), theirs.double(), atol=1e-4)


def test_stopping_early_leaves_the_marginal_of_that_time(gaussian):
    true, end = gaussian(0.3), 0.25
    grid = levels.grid(60, end)
    x = grid[0] * torch.randn(4000, 1, 1, 1, dtype=torch.float64)
    made = levels.solve(lambda x, sigma: true(x, as_batch(sigma, x)), x, grid)
    assert (made.std() / x.std()).item() == pytest.approx(
        math.sqrt((0.3**2 + grid[-1] ** 2) / (0.3**2 + grid[0] ** 2)), rel=0.01
    )


# Blur


def test_blur_is_the_gaussian_kernel_of_torchvision():
    z = pictures(ImageShape(3, 7, 7))[0][:4]
    sigma = torch.tensor([0.4, 0.45, 0.5, 0.6])
    expected = [gaussian_blur(image, 3, s) for image, s in zip(z, sigma.tolist(), strict=True)]
    assert torch.allclose(augmentation.blurred(z, sigma), torch.stack(expected), atol=1e-6)


def test_the_kernel_is_symmetric_sums_to_one_and_falls_as_a_gaussian():
    point = torch.zeros(1, 1, 7, 7)
    point[..., 3, 3] = 1
    kernel = augmentation.blurred(point, torch.tensor([0.5]))[0, 0]
    assert kernel.sum().item() == pytest.approx(1) and torch.count_nonzero(kernel) == 9
    assert torch.equal(kernel, kernel.T) and torch.equal(kernel, kernel.flip(0))
    assert (kernel[3, 4] / kernel[3, 3]).item() == pytest.approx(math.exp(-0.5 / 0.5**2))
    grey = torch.full((1, 1, 4, 4), -0.3)
    assert torch.allclose(augmentation.blurred(grey, torch.tensor([0.6])), grey)


def test_half_of_the_examples_are_blurred_and_the_others_left_alone():
    z = pictures(ImageShape(1, 4, 4), count=1)[0].expand(2000, 1, 4, 4)
    made, s = augmentation.augment(z, *draws(count=2000), {"blur": [0.4, 0.6]})
    moved = (made != z).flatten(1).any(dim=1)
    assert moved.float().mean().item() == pytest.approx(0.5, abs=0.04) and not s.any()
    bounds = [augmentation.blurred(z[:1], torch.tensor([sigma])) for sigma in (0.4, 0.6)]
    strengths = (made - z)[moved].norm(dim=(2, 3)) / (bounds[1] - z[:1]).norm()
    least = ((bounds[0] - z[:1]).norm() / (bounds[1] - z[:1]).norm()).item()
    assert least - 1e-4 <= strengths.min() < least + 0.02 and 0.98 < strengths.max() <= 1 + 1e-4
    assert len(strengths.unique()) > 500


# Training


@pytest.fixture
def watched(recorder):
    """A function of an output that gives a cascade whose last stage keeps what it is shown."""

    def make(output):
        top = recorder(output)
        top.side, top.scalings = 8, Denoiser(None).scalings
        cascade = nn.Module()
        cascade.stages = nn.ModuleDict({"4x4": cdm.Cascade([{"side": 4, **SMALL}], DIGITS).stages["4x4"], "8x8": top})
        return cascade, top

    return make


def test_the_last_stage_is_shown_true_small_images_with_noise_of_uniform_levels(watched, make_batch):
    cascade, top = watched(lambda x, t: x)
    batch = make_batch(20_000, side=8, labels=torch.arange(20_000) % 10)
    cdm.stage_loss(cascade, batch, {"s_max": 0.5})
    (given,), (t,) = top.labels, top.t
    assert given.labels is batch.labels
    assert (given.s.min().item(), given.s.mean().item(), given.s.max().item()) == pytest.approx(
        (0, 0.25, 0.5), abs=0.01
    )
    angle = (given.s * math.pi / 2).reshape(-1, 1, 1, 1)
    z = downsample(batch.images, 4)
    assert torch.corrcoef(torch.stack([given.s, t.flatten().log()]))[0, 1].abs() < 0.03
    noise = ((given.z - angle.cos() * z) / angle.sin())[given.s > 0.05]
    assert (noise.mean().item(), noise.std().item()) == pytest.approx((0, 1), abs=0.02)
    # Another noise than that of the image itself.
    own = downsample((top.x[0] - batch.images) / t.reshape(-1, 1, 1, 1) / 5, 4)[given.s > 0.05]
    assert torch.corrcoef(torch.stack([noise.flatten(), own.flatten()]))[0, 1].abs() < 0.02


def test_without_augmentation_the_condition_is_the_true_small_image(watched, make_batch):
    cascade, top = watched(lambda x, t: x)
    batch = make_batch(10, side=8)
    cdm.stage_loss(cascade, batch, {})
    assert torch.equal(top.labels[0].z, downsample(batch.images, 4)) and not top.labels[0].s.any()


def test_an_error_of_c_out_costs_one_at_every_level(watched, make_batch):
    batch = make_batch(50, side=8, spread=0.2)  # within [-1, 1]
    cascade, _ = watched(lambda x, t: batch.images + Denoiser(None).scalings(t)[1])
    assert cdm.stage_loss(cascade, batch, {}).item() == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("recipe", ["sr_plain", "sr_noise", "sr_blur"])
def test_a_super_resolution_stage_is_trained_on_a_base_that_it_leaves_alone(recipe, tmp_path):
    net = network(METHODS, "cdm", recipe)
    trained, start = net.module.train(training_run(net, tmp_path)).state_dict(), start_of(net).state_dict()
    assert start and all(torch.equal(trained[name], value) for name, value in start.items())
    fresh = net.module.build(net.recipe, net.shape).state_dict()
    assert trained.keys() == fresh.keys() > start.keys()


def test_the_weights_of_the_card_fit_into_a_million():
    for dataset, section in cards.discover()["cdm"]["datasets"].items():
        shape = ImageShape(1, 28, 28, 10) if dataset == "mnist" else DIGITS
        for recipe in section["recipes"].values():
            assert sum(p.numel() for p in cdm.build(recipe, shape).parameters()) < 1e6


# Sampling


def test_noise_of_level_0_is_the_plain_cascade_however_it_comes_about():
    net = model()
    plain = cdm.sample(net, request([3, 4]))
    for truncated in (True, False):
        assert torch.equal(cdm.sample(net, request([3, 4], s=0.0, truncated=truncated)), plain)
    noisy = [cdm.sample(net, request([3, 4], s=0.3, truncated=truncated)) for truncated in (True, False)]
    assert (noisy[0] - plain).abs().max() > 1e-3 < (noisy[0] - noisy[1]).abs().max()


@pytest.mark.parametrize("truncated", [True, False])
@pytest.mark.parametrize("sides", [(8,), (4, 8), (2, 4, 8)])
def test_evaluations_are_counted_by_stage_and_their_sum_is_the_nfe(sides, truncated):
    net, steps = model(*sides), [2, 3, 5][: len(sides)]
    with nfe.counting(net) as counted:
        images = cdm.sample(net, request(steps, s=0.1, truncated=truncated))
    assert counted.per_image(3) == {f"{side}x{side}": n for side, n in zip(sides, steps, strict=True)}
    assert images.shape == (3, *DIGITS.chw)


def test_an_image_does_not_depend_on_its_batch():
    net, settings = model(), {"steps": {5: [2, 3]}, "s": 0.2, "truncated": False}
    labels = torch.arange(4)
    one = lambda i: cdm.sample(net, SampleRequest(DIGITS, 0, [i], 5, settings, labels[i : i + 1]))  # noqa: E731
    whole = cdm.sample(net, SampleRequest(DIGITS, 0, range(4), 5, settings, labels))
    assert torch.allclose(whole, torch.cat([one(i) for i in range(4)]), atol=1e-4)


def test_the_level_of_the_noise_and_the_small_image_reach_the_network():
    net, x = model(), torch.randn(2, 1, 8, 8)
    z, zero = torch.randn(2, 1, 4, 4), torch.zeros(2)
    labels = torch.tensor([1, 2])
    out = lambda *given: net.stages["8x8"](x, torch.ones(2), cdm.Condition(*given))  # noqa: E731
    before = out(labels, z, zero)
    for changed in (out(labels, z, zero + 0.3), out(labels, z + 0.1, zero), out(labels + 1, z, zero)):
        assert ((changed - before).flatten(1).abs().amax(dim=1) > 1e-4).all()


def test_the_oracle_sees_the_held_out_image_and_no_base(watched):
    cascade, top = watched(lambda x, t: 0 * x)
    images, labels = pictures(DIGITS)
    asked = SampleRequest(DIGITS, 0, range(len(images)), 5, {"steps": {5: [2, 3]}}, labels)
    with nfe.counting(cascade) as counted:
        made = cdm.evaluate(cascade, asked, images)["oracle_images"]
    assert counted.per_image(len(images)) == {"4x4": 0, "8x8": 3} and not made.any()
    assert all(torch.equal(given.z.float(), downsample(images, 4)) for given in top.labels)
    assert cdm.evaluate(model(8), request([3]), images) == {}
