"""Editing by models that are known: a Gaussian with its posterior, and the limits of all and nothing known."""

from types import SimpleNamespace

import pytest
import torch
from tiny import TIMES, tiny_model

from fewstep.contract import nfe as evaluations
from fewstep.contract.constraints import pixels
from fewstep.contract.edit_tasks import EditTask
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.diffusion.consistency import sample_consistency
from fewstep.diffusion.editing import between, edit_consistency, edit_levels, keeping, slerp, start
from fewstep.diffusion.schedules import karras_grid
from fewstep.diffusion.solvers import heun

SHAPE = ImageShape(1, 8, 8, 10)
SPREAD, CORRELATION = 0.25, 0.8  # of two pixels
COVARIANCE = SPREAD**2 * torch.tensor([[1, CORRELATION], [CORRELATION, 1]], dtype=torch.float64)


def tiny_request(nfe=3, **settings):
    indices = [4, 0, 7]
    settings = {"times": TIMES, **settings}
    return SampleRequest(SHAPE, 0, indices, nfe, settings, torch.tensor([1, 2, 3]))


def images(seed=0):
    return torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 2 - 1


def inpainting(known):
    return EditTask("inpainting", images() * known, pixels(known))


def gaussian(x, t, labels=None):
    """The consistency function of two correlated pixels [B, 1, 1, 2]: S^(1/2) (S + t^2)^(-1/2) x."""
    values, vectors = torch.linalg.eigh(COVARIANCE)
    matrix = vectors * (values / (values + t[0] ** 2)).sqrt() @ vectors.T
    return x @ matrix


def gaussian_request(count, nfe, **settings):
    """Noise of a generator that runs on: many images at once."""
    generator = torch.Generator().manual_seed(1)

    def noise(*_, **__):
        return torch.randn(count, 1, 1, 2, generator=generator, dtype=torch.float64)

    return SimpleNamespace(nfe=nfe, settings=settings, labels=None, noise=noise, step_noise=noise)


def test_many_small_steps_draw_from_the_posterior_of_a_gaussian():
    # One pixel is known to be 0.3: the other is normal with mean 0.8 x 0.3 and variance s^2 (1 - 0.8^2), well within
    # the range of pixels. 300 steps get within 3 % of both, as the recursion of mean and variance says.
    known = torch.zeros(20_000, 1, 1, 2, dtype=torch.float64)
    known[..., 0] = 0.3
    task = EditTask("inpainting", known, pixels(torch.tensor([True, False])))
    request = gaussian_request(len(known), 300, sigma_max=1.0, sigma_min=0.02, clip=False)
    made = edit_consistency(gaussian, request, task)
    assert torch.equal(made[..., 0], known[..., 0])
    other = made[..., 1]
    assert other.mean().item() == pytest.approx(CORRELATION * 0.3, rel=0.04)
    assert other.var().item() == pytest.approx(SPREAD**2 * (1 - CORRELATION**2), rel=0.05)


def test_one_call_removes_noise_of_a_known_level():
    noisy = torch.randn(50, 1, 1, 2, dtype=torch.float64)
    task = EditTask("denoising", noisy, sigma=0.7)
    made = edit_consistency(gaussian, gaussian_request(50, 1), task)
    assert torch.equal(made, gaussian(noisy, torch.tensor([0.7], dtype=torch.float64)))


@pytest.mark.parametrize("nfe", [1, 2, 3])
def test_all_known_gives_the_input_and_nothing_known_plain_samples(nfe):
    model, request = tiny_model(), tiny_request(nfe)
    everything = torch.ones(8, 8, dtype=torch.bool)
    assert torch.equal(edit_consistency(model, request, inpainting(everything)), images())
    free = edit_consistency(model, request, inpainting(~everything))
    assert (free - sample_consistency(model, request).clamp(-1, 1)).abs().max() <= 0.1 / 127.5


@pytest.mark.parametrize("settings", [{}, {"sigma_max": 5.0, "sigma_min": 0.2}])
def test_every_level_costs_one_evaluation(settings):
    model, request = tiny_model(), tiny_request(3, **settings)
    with evaluations.counting(model) as counted:
        edit_consistency(model, request, inpainting(torch.eye(8, dtype=torch.bool)))
    assert counted.per_image(3) == {"model": 3.0}


def test_levels_are_a_grid_between_those_of_the_card_or_those_of_sampling():
    assert edit_levels(tiny_request(3)) == [80.0, 5.0, 0.8]
    grid = edit_levels(tiny_request(5, sigma_max=3.0, sigma_min=0.3))
    assert grid == karras_grid(5, 0.3, 3.0).tolist()
    assert edit_levels(tiny_request(1, sigma_max=3.0, sigma_min=0.3)) == pytest.approx([3.0])


def test_known_content_reaches_the_model_and_the_rest_of_the_input_does_not():
    known = torch.arange(8) < 4
    given = images()
    task = EditTask("inpainting", given, pixels(known))  # an input that also holds what is not known
    state = start(tiny_request(), task, 1e-6)
    assert torch.allclose(state[..., :4], given[..., :4], atol=1e-4) and state[..., 4:].abs().max() < 1e-4
    assert torch.allclose(start(tiny_request(), EditTask("strokes", given), 1e-6), given, atol=1e-4)


def test_interpolation_starts_and_ends_at_samples_of_its_two_noises():
    model, request = tiny_model(), tiny_request(1)
    ends = [edit_consistency(model, request, EditTask("path", shares=torch.full((3,), s).double())) for s in (0, 1)]
    assert torch.equal(ends[0], sample_consistency(model, request))
    other = model(80 * request.noise("other").double(), torch.full((3,), 80.0), request.labels)
    assert torch.allclose(ends[1], other, atol=1e-5)
    half = between(request, torch.full((3,), 0.5).double())
    assert (half.std() - 1).abs() < 0.15  # on the sphere, not on the chord, where it would be 0.7


def test_great_circles_keep_the_length_and_go_at_even_speed():
    a, b = torch.tensor([[1.0, 0.0]]).double(), torch.tensor([[0.0, 1.0]]).double()
    assert slerp(a, b, torch.tensor([1 / 3]).double()).tolist()[0] == pytest.approx([3**0.5 / 2, 0.5])


def test_between_noises_of_one_direction_the_path_is_a_straight_line():
    a = torch.tensor([[0.3, 0.7], [1.0, 2.0]]).double()
    shares = torch.tensor([0.25, 0.5]).double()
    assert torch.allclose(slerp(a, 3 * a, shares), a * torch.tensor([[1.5], [2.0]]))


def test_a_solver_with_known_content_replaced_keeps_it_at_every_step():
    known = torch.tensor([True, False])
    y = torch.tensor([0.6, 0.0], dtype=torch.float64).expand(4, 1, 1, 2)
    task, seen = EditTask("inpainting", y, pixels(known)), []

    def denoise(x, sigma):
        seen.append((x[..., 0].clone(), sigma))
        values = COVARIANCE @ torch.linalg.inv(COVARIANCE + sigma**2 * torch.eye(2))
        return x @ values

    request = gaussian_request(4, 0)
    state = start(request, task, 10.0)
    z = (state - y)[..., 0] / 10.0
    made = heun(keeping(denoise, task), state, karras_grid(20, 0.002, 10.0))
    assert torch.allclose(made[..., 0], y[..., 0], atol=1e-12)
    assert all(torch.allclose(x, y[..., 0] + sigma * z, atol=1e-9) for x, sigma in seen)
