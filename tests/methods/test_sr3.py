"""SR3: the levels of training and sampling, the loss, the paper's update, and samples of a posterior known exactly."""

import math
import sys

import pytest
import torch

from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.images.pixels import grey_levels
from fewstep.images.resampling import downsample, upsample
from fewstep.plan.cards import discover
from fewstep.scoring.metrics.psnr import psnr
from fewstep.scoring.search import candidates

sr3 = load_method("sr3")
levels = sys.modules[f"{sr3.__name__}.levels"]
SCHEDULES = [c["schedule"] for c in candidates(discover()["sr3"]["variants"]["ancestral"]["search"])]
LINEAR = {"family": "linear", "first": 1e-4}


def test_training_runs_from_a_clean_image_to_noise():
    gamma = levels.LEVELS
    assert len(gamma) == 2001 and gamma[0] == 1 and (gamma.diff() < 0).all()
    assert gamma[1].item() == pytest.approx(1 - 1e-6) and gamma[-1].item() == pytest.approx(4.4e-5, rel=0.01)


def test_levels_are_uniform_over_the_bins_and_within_each(make_batch):
    gamma = levels.draw_levels(make_batch(40_000, side=1))
    assert gamma.dtype == torch.float64 and (levels.LEVELS[-1] < gamma).all() and (gamma < 1).all()
    bins = 2000 - torch.searchsorted(levels.LEVELS.flip(0), gamma)
    assert bins.double().mean().item() == pytest.approx(999.5, rel=0.01)
    share = (gamma - levels.LEVELS[bins + 1]) / (levels.LEVELS[bins] - levels.LEVELS[bins + 1])
    assert ((share >= 0) & (share <= 1)).all()
    assert (share.mean().item(), share.var().item()) == pytest.approx((1 / 2, 1 / 12), rel=0.02)
    assert len(bins.unique()) > 1990  # a level for each image, not one for the batch


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
@pytest.mark.parametrize("steps", [1, 2, 5, 20, 100])
def test_every_schedule_starts_where_training_ended_and_ends_nearly_clean(schedule, steps):
    gamma = levels.inference_levels(steps, **schedule)
    assert len(gamma) == steps and (gamma.diff() < 0).all()
    assert gamma[-1].item() == pytest.approx(levels.LEVELS[-1].item(), rel=1e-6)
    if steps > 1:
        assert gamma[0] >= 0.999 - 1e-9


@pytest.mark.parametrize(("steps", "last"), [(5, 0.9995), (10, 0.968), (20, 0.705), (50, 0.347), (100, 0.185)])
def test_the_last_beta_of_a_linear_schedule(steps, last):
    gamma = levels.inference_levels(steps, **LINEAR)
    assert 1 - (gamma[-1] / gamma[-2]).item() == pytest.approx(last, rel=0.03)


class Recorder(torch.nn.Module):
    """Answers with `output(noisy, gamma, condition)`."""

    def __init__(self, output):
        super().__init__()
        self.output, self.asked = output, []

    def forward(self, noisy, gamma, condition):
        self.asked.append((noisy, gamma, condition))
        return self.output(noisy, gamma.reshape(-1, 1, 1, 1), condition)


@pytest.mark.parametrize("power", [1, 2])
def test_the_loss_is_that_of_the_noise_which_the_state_holds(make_batch, power):
    batch = make_batch(500)
    images = batch.images

    def off_by_a_half(noisy, gamma, condition):
        return (noisy - gamma.sqrt() * images) / (1 - gamma).sqrt() + 0.5

    model = Recorder(off_by_a_half)
    assert sr3.noise_loss(model, batch, 2, power).item() == pytest.approx(0.5**power, rel=1e-3)
    noisy, gamma, condition = model.asked[0]
    assert torch.equal(condition, upsample(downsample(images, 2), 4))
    noise = (noisy - gamma.float().sqrt().reshape(-1, 1, 1, 1) * images) / (1 - gamma).float().sqrt().reshape(
        -1, 1, 1, 1
    )
    assert (noise.mean().item(), noise.std().item()) == pytest.approx((0, 1), abs=0.05)


def test_the_network_sees_the_condition_beside_the_noise_and_a_level_that_spreads():
    shown = []

    def net(x, level):
        shown.append((x, level))
        return x[:, :1]

    module = torch.nn.Module()
    module.forward = net
    model = sr3.LevelConditioned(module)
    noisy, condition = torch.rand(3, 1, 4, 4, dtype=torch.float64), torch.rand(3, 1, 4, 4)
    gamma = torch.tensor([levels.LEVELS[-1].item(), 0.5, 1 - 1e-9], dtype=torch.float64)
    out = model(noisy, gamma, condition)
    x, level = shown[0]
    assert torch.equal(x[:, :1], condition) and torch.equal(x[:, 1:], noisy.float()) and out.dtype == torch.float64
    assert level[1] == 0 and 1 < level[0] < 2 and -2 < level[2] < -1.5 and torch.isfinite(level).all()


def request(count=4, side=4, nfe=3, solver="ancestral", low=None, seed=0, schedule=LINEAR):
    settings = {"solver": solver, "schedule": schedule}
    low = torch.zeros(count, 1, side // 2, side // 2) if low is None else low
    return SampleRequest(ImageShape(1, side, side), seed, range(count), nfe, settings, low_resolution=low)


def test_the_ancestral_update_is_the_papers():
    asked = request()

    def noise_in(y, gamma):
        return (y - gamma**0.5 * 0.05 * y) / (1 - gamma) ** 0.5  # implies y_0 = y / 20, so that nothing is clipped

    model = Recorder(lambda y, gamma, condition: noise_in(y, gamma))
    made = sr3.sample(model, asked)
    gamma = levels.inference_levels(3, **LINEAR).tolist()
    y = asked.noise().double()
    for i, t in enumerate([2, 1, 0]):
        alpha = gamma[t] / (gamma[t - 1] if t else 1)
        y = (y - (1 - alpha) / math.sqrt(1 - gamma[t]) * noise_in(y, gamma[t])) / math.sqrt(alpha)
        if t:
            y = y + math.sqrt(1 - alpha) * asked.step_noise(i)
    assert torch.allclose(made, y, atol=1e-8)
    assert [call[1][0].item() for call in model.asked] == pytest.approx(gamma[::-1])


class Posterior:
    """Images N(0, s^2 I) of 4 x 4 pixels, of which a reduction to 2 x 2 is known: the exact noise predictor.

    With x = A y the posterior is N(K x, s^2 P), P the projection on the null space of A.
    """

    spread = 0.15

    def __init__(self):
        unit = torch.eye(16, dtype=torch.float64).reshape(16, 1, 4, 4) / 2
        reduce = 2 * downsample(unit, 2).flatten(1).T
        small = torch.eye(4, dtype=torch.float64).reshape(4, 1, 2, 2)
        self.reduce_again = torch.linalg.pinv(upsample(small, 4).flatten(1).T)
        self.gain = torch.linalg.pinv(reduce)
        self.free = torch.eye(16, dtype=torch.float64) - self.gain @ reduce

    def mean(self, condition):
        return (condition.flatten(1).double() @ self.reduce_again.T @ self.gain.T).reshape(-1, 1, 4, 4)

    def __call__(self, y, gamma, condition):
        mean = self.mean(condition)
        gamma = gamma.reshape(-1, 1, 1, 1)
        rest = (y - gamma.sqrt() * mean).flatten(1) @ self.free.T
        shrink = gamma.sqrt() * self.spread**2 / (gamma * self.spread**2 + 1 - gamma)
        image = mean + shrink * rest.reshape(-1, 1, 4, 4)
        return (y - gamma.sqrt() * image) / (1 - gamma).sqrt()


@pytest.fixture(scope="module")
def posterior():
    images = 0.15 * torch.randn(300, 1, 4, 4, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    return Posterior(), images, downsample(images, 2)


@pytest.mark.parametrize("solver", ["ancestral", "ddim"])
def test_samples_are_of_the_posterior_and_consistent_with_their_input(posterior, solver):
    model, images, low = posterior
    made = sr3.sample(model, request(300, nfe=100, solver=solver, low=low, schedule=SCHEDULES[-2]))
    assert (downsample(made, 2) - low).abs().max() < 0.05
    error = (made - model.mean(upsample(low, 4))).square().mean().sqrt().item()
    own = (images - model.mean(upsample(low, 4))).square().mean().sqrt().item()
    assert error == pytest.approx(own, rel=0.06)


def test_the_mean_of_16_samples_comes_near_the_psnr_of_the_regression(posterior):
    model, images, low = posterior
    found = sr3.evaluate(model, request(300, nfe=50, low=low, schedule=SCHEDULES[-1]), images)
    single, mean_of_16 = (found[name].mean().item() for name in ("psnr_single", "psnr_mean_of_16"))
    best = psnr(grey_levels(model.mean(upsample(low, 4))), grey_levels(images)).mean().item()
    # Errors of variance 2, 1 + 1/16 and 1.
    assert single == pytest.approx(best - 10 * math.log10(2), abs=0.25)
    assert mean_of_16 == pytest.approx(best - 10 * math.log10(17 / 16), abs=0.15)
