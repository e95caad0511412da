"""Samplers on data whose denoiser is known: a Gaussian, two points, and one point."""

import math

import pytest
import torch

from fewstep.diffusion import schedules
from fewstep.diffusion.solvers import Churn, ddim, euler, heun, initial_state, multistep_consistency

SPREAD = 0.5  # standard deviation of the Gaussian data


class Denoiser:
    """E[x0 | x] of data N(0, SPREAD^2), counting its calls."""

    def __init__(self):
        self.levels = []

    def __call__(self, x, sigma):
        self.levels.append(sigma)
        return x * SPREAD**2 / (SPREAD**2 + sigma**2)


def two_points(x, sigma):
    """E[x0 | x] of data that is -1 or 1 with equal chance: not linear in x."""
    return torch.tanh(x / sigma**2)


def refuse(i):
    raise AssertionError("a deterministic sampler asks for no noise")


def normals(count=200_000):
    """Independent noise for each step, float64 [count]."""
    return lambda i: torch.randn(count, generator=torch.Generator().manual_seed(i), dtype=torch.float64)


def error(solver, count):
    """Distance from the ODE's exact solution on Gaussian data, x(0) = x(T) SPREAD / sqrt(SPREAD^2 + T^2)."""
    levels = schedules.karras_grid(count, sigma_min=1e-5)
    x = torch.full((1,), 80.0, dtype=torch.float64)
    return abs(solver(Denoiser(), x, levels).item() - 80 * SPREAD / math.hypot(SPREAD, 80))


@pytest.mark.parametrize(("solver", "order"), [(euler, 1), (heun, 2)])
def test_order_of_convergence(solver, order):
    errors = [error(solver, count) for count in (64, 128, 256)]
    for coarse, fine in zip(errors, errors[1:], strict=False):
        assert math.log2(coarse / fine) == pytest.approx(order, abs=0.1)


@pytest.mark.parametrize("count", [1, 2, 18, 40, 256])
def test_evaluations_of_heun_and_euler(count):
    grid, x = schedules.karras_grid(count), torch.ones(1, dtype=torch.float64)
    first, second = Denoiser(), Denoiser()
    euler(first, x, grid)
    heun(second, x, grid)
    assert len(first.levels) == count and first.levels == grid.tolist()
    assert len(second.levels) == 2 * count - 1 and set(second.levels) == set(grid.tolist())


def test_one_heun_step_is_the_denoiser():
    x = torch.tensor([3.0], dtype=torch.float64)
    assert torch.allclose(heun(two_points, x, torch.tensor([2.0])), two_points(x, 2.0))


@pytest.mark.parametrize("churn", [Churn(), Churn(amount=40, low=100), Churn(amount=40, high=1e-3)])
def test_no_churn_or_churn_outside_its_range_is_deterministic(churn):
    x, grid = torch.linspace(-80, 80, 9, dtype=torch.float64), schedules.karras_grid(12)
    assert torch.equal(heun(two_points, x, grid, churn, refuse), heun(two_points, x, grid))


def test_churn_is_capped_and_confined():
    churn = Churn(amount=40, low=0.05, high=50)
    assert churn.factor(1.0, 256) == 40 / 256
    assert churn.factor(1.0, 18) == pytest.approx(math.sqrt(2) - 1)
    assert [churn.factor(sigma, 256) > 0 for sigma in (60, 50, 0.05, 0.04)] == [False, True, True, False]


def test_stochastic_heun_keeps_the_marginal_and_forgets_the_start():
    start = 80 * normals()(1000)
    grid = schedules.karras_grid(128)
    x = heun(Denoiser(), start, grid, Churn(amount=40), normals())
    assert x.std().item() == pytest.approx(SPREAD, rel=0.015)
    assert abs(torch.corrcoef(torch.stack([x, start]))[0, 1]) < 0.5
    assert torch.corrcoef(torch.stack([heun(Denoiser(), start, grid), start]))[0, 1] > 0.999


def test_stochastic_heun_raises_the_level_before_it_evaluates():
    denoiser = Denoiser()
    heun(denoiser, torch.ones(2, dtype=torch.float64), torch.tensor([8.0, 4.0]), Churn(amount=0.5), normals(2))
    assert denoiser.levels == pytest.approx([8 * 1.25, 4, 4 * 1.25])


def test_inflated_noise_widens_the_marginal():
    start = 80 * normals()(1000)
    grid = schedules.karras_grid(32)
    plain, wide = (heun(Denoiser(), start, grid, Churn(20, inflation=s), normals()).std() for s in (1.0, 1.1))
    assert wide > 1.05 * plain


@pytest.mark.parametrize("count", [1, 5, 50])
def test_ddim_without_noise_is_euler_on_the_levels_of_its_schedule(count):
    bars, steps = schedules.alpha_bars(1000), schedules.strided_steps(1000, count)
    sigmas = ((1 - bars) / bars).sqrt()

    def predict_noise(x, t):  # the same model: eps = (x_ve - D) / sigma with x_ve = x / sqrt(alpha_bar)
        scaled = x / bars[t].sqrt()
        return (scaled - two_points(scaled, sigmas[t].item())) / sigmas[t]

    x = torch.linspace(-3, 3, 7, dtype=torch.float64)
    ours = ddim(predict_noise, x, bars, steps, refuse)
    assert torch.allclose(ours, euler(two_points, x / bars[-1].sqrt(), sigmas[steps]), atol=1e-10)


class PointNoise:
    """The exact eps for data that is the one value `point`, keeping the states that it was shown."""

    def __init__(self, bars, point=0.3):
        self.bars, self.point, self.seen = bars, point, {}

    def __call__(self, x, t):
        self.seen[t] = x
        return (x - self.bars[t].sqrt() * self.point) / (1 - self.bars[t]).sqrt()


@pytest.mark.parametrize("count", [4, 10])
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_every_eta_has_the_marginals_of_the_forward_process(eta, count):
    bars = schedules.alpha_bars(1000)
    model, steps = PointNoise(bars), schedules.strided_steps(1000, count)
    start = bars[-1].sqrt() * 0.3 + (1 - bars[-1]).sqrt() * normals()(1000)
    x = ddim(model, start, bars, steps, normals(), eta)
    assert list(model.seen) == steps and torch.allclose(x, torch.full_like(x, 0.3))
    for t, state in model.seen.items():
        assert state.mean().item() == pytest.approx((bars[t].sqrt() * 0.3).item(), abs=0.01)
        assert state.var().item() == pytest.approx((1 - bars[t]).item(), rel=0.02)
    correlation = torch.corrcoef(torch.stack([model.seen[steps[1]], start]))[0, 1].item()
    assert (correlation > 0.999) == (eta == 0)


@pytest.mark.parametrize("eta", [0.5, 1.0])
def test_eta_scales_the_standard_deviation_of_the_posterior(eta):
    # Given x_t and x0, DDPM's posterior has the variance (1 - then) / (1 - now) (1 - now / then).
    bars = schedules.alpha_bars(1000)
    now, then = bars[300].item(), bars[200].item()
    model = PointNoise(bars)
    ddim(model, torch.full((200_000,), 0.7, dtype=torch.float64), bars, [300, 200], normals(), eta)
    expected = eta**2 * (1 - then) / (1 - now) * (1 - now / then)
    assert model.seen[200].var().item() == pytest.approx(expected, rel=0.02)


def test_ancestral_sampling_keeps_the_variance_of_gaussian_data():
    bars, narrow, seen = schedules.alpha_bars(1000), 0.1, {}  # narrow: the clipping of x0 to [-1, 1] never acts

    def predict_noise(x, t):
        seen[t] = x.var().item()
        return x * (1 - bars[t]).sqrt() / (bars[t] * narrow**2 + 1 - bars[t])

    count = 20_000
    x = ddim(
        predict_noise,
        normals(count)(1000),
        bars,
        schedules.strided_steps(1000, 1000),
        normals(count),
        large_variance=True,
    )
    for t in (900, 500, 100, 20):
        assert seen[t] == pytest.approx((bars[t] * narrow**2 + 1 - bars[t]).item(), rel=0.05)
    assert x.std().item() == pytest.approx(narrow, rel=0.05)


def test_ancestral_noise_is_the_relative_fall_of_the_signal():
    # From a known x0 = 0 and x = 0 the mean of the posterior is 0: what is left is the noise, 1 - now / then.
    bars, seen = schedules.alpha_bars(1000), []
    ddim(
        lambda x, t: seen.append(x) or x,
        torch.zeros(200_000, dtype=torch.float64),
        bars,
        [999, 499],
        normals(),
        large_variance=True,
    )
    assert seen[1].var().item() == pytest.approx((1 - bars[999] / bars[499]).item(), rel=0.02)


def test_ancestral_sampling_clips_its_estimate_and_ddim_does_if_it_is_asked_to():
    bars = schedules.alpha_bars(1000)
    x = torch.full((1,), 3.0, dtype=torch.float64)
    far = lambda x, t: torch.zeros_like(x)  # noqa: E731  estimates x0 = x / sqrt(alpha_bar), far outside [-1, 1]
    assert ddim(far, x, bars, [999], refuse, large_variance=True).item() == pytest.approx(1)
    assert ddim(far, x, bars, [999], refuse).item() == pytest.approx(3 / bars[999].sqrt().item())
    assert ddim(far, x, bars, [999], refuse, clip=True).item() == pytest.approx(1)


def test_a_clipped_ddim_step_stays_on_the_line_from_its_estimate_to_its_state():
    """x' = sqrt(b) x0 + sqrt(1 - b) e with the e that leads from the clipped x0 to x: at equal levels x' would be x."""
    bars, x = schedules.alpha_bars(1000), torch.full((1, 1, 1, 1), 3.0, dtype=torch.float64)
    seen = []

    def zero(state, t):
        seen.append((t, state.item()))
        return torch.zeros_like(state)

    ddim(zero, x, bars, [600, 599], refuse, clip=True)
    now, then = bars[600].item(), bars[599].item()
    noise = (3 - now**0.5) / (1 - now) ** 0.5
    assert seen[1] == (599, pytest.approx(then**0.5 + (1 - then) ** 0.5 * noise))


class PointConsistency:
    """The exact consistency function of data that is one value: it follows x = point + t z down to t = boundary."""

    def __init__(self, boundary, point=0.3):
        self.boundary, self.point, self.seen = boundary, point, {}

    def __call__(self, x, t):
        self.seen[t] = x
        return self.point + (x - self.point) * self.boundary / t


@pytest.mark.parametrize("levels", [[80.0], [80.0, 5.0], [80.0, 5.0, 1.0, 0.6]])
def test_multistep_consistency_sampling_keeps_the_marginal_of_every_level(levels):
    f, boundary = PointConsistency(0.5), 0.5
    x = multistep_consistency(
        f, f.point + initial_state(normals()(1000), 80.0), levels, normals(), boundary, clip=False
    )
    assert list(f.seen) == levels
    for level, state in f.seen.items():
        assert state.std().item() == pytest.approx(level, rel=0.01)  # sqrt(level^2 - floor^2) of noise, plus f's own
    assert (x.mean().item(), x.std().item()) == pytest.approx((f.point, boundary), abs=0.01)


@pytest.mark.parametrize(("floor", "expected"), [(0.0, 5.0), (3.0, 4.0)])
def test_the_floor_is_taken_off_the_noise(floor, expected):
    shown = []
    f = lambda x, t: shown.append(x) or torch.zeros_like(x)  # noqa: E731
    multistep_consistency(f, torch.zeros(1), [80.0, 5.0], lambda i: torch.ones(1), floor)
    assert shown[1].item() == pytest.approx(expected)


def test_clipping_acts_before_noise_is_added_and_never_on_the_result():
    shown = []

    def f(x, t):
        shown.append(x.item())
        return torch.full_like(x, 3.0)

    for clip in (True, False):
        assert multistep_consistency(f, torch.zeros(1), [80.0, 2.0], lambda i: torch.ones(1), 0.0, clip).item() == 3
    assert shown[1::2] == [1 + 2, 3 + 2]


def test_each_step_has_its_own_noise():
    asked, x = [], torch.zeros(1)
    noise = lambda i: asked.append(i) or torch.ones(1)  # noqa: E731
    model = lambda x, t: x  # noqa: E731
    multistep_consistency(model, x, [80.0, 2.0, 1.0], noise)
    heun(model, x, schedules.karras_grid(3), Churn(1), noise)
    ddim(model, x, schedules.alpha_bars(9), [8, 5, 2], noise, eta=1)
    assert asked == [1, 2] + [0, 1, 2] + [0, 1]


def test_the_initial_state_is_scaled_noise_in_float64():
    noise = torch.randn(4)
    state = initial_state(noise, 80.0)
    assert state.dtype == torch.float64 and torch.equal(state, noise.double() * 80)
