"""EDM's loss is smallest for the true denoiser, weighted as the paper says; its samplers draw from the data."""

import subprocess
import sys

import pytest
import torch

from fewstep.base.folders import ROOT
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.diffusion.preconditioning import Denoiser
from fewstep.diffusion.schedules import karras_grid
from fewstep.diffusion.solvers import heun
from fewstep.plan.cards import discover

edm = load_method("edm")
SETTINGS = {"log_sigma_mean": -1.2, "log_sigma_std": 1.2}


def with_scalings(model):
    model.scalings = Denoiser(None).scalings
    return model


def test_the_true_denoiser_has_the_smallest_loss(gaussian, make_batch):
    losses = {
        scale: edm.denoising_loss(with_scalings(gaussian(scale=scale)), make_batch(4000), SETTINGS).item()
        for scale in (0.9, 1.0, 1.1)
    }
    assert losses[1.0] < min(losses[0.9], losses[1.1])
    assert losses[1.0] == pytest.approx(
        1, rel=0.02
    )  # for this data the network has nothing to add: F = 0, target N(0, 1)


@pytest.mark.parametrize("mean", [-5.0, 0.0, 3.0])
def test_an_error_of_c_out_costs_one_at_every_level(make_batch, recorder, mean):
    batch = make_batch(8)
    off_by_c_out = lambda x, t: batch.images + Denoiser(None).scalings(t)[1]  # noqa: E731
    loss = edm.denoising_loss(with_scalings(recorder(off_by_c_out)), batch, {**SETTINGS, "log_sigma_mean": mean})
    assert loss.item() == pytest.approx(1, rel=1e-5)


def test_levels_are_lognormal_and_noise_has_their_size(make_batch, recorder):
    batch = make_batch(20_000, side=2)
    model = with_scalings(recorder(lambda x, t: x))
    edm.denoising_loss(model, batch, SETTINGS)
    logs, sigma = model.t[0].log(), model.t[0].reshape(-1, 1, 1, 1)
    assert (logs.mean().item(), logs.std().item()) == pytest.approx((-1.2, 1.2), abs=0.03)
    noise = (model.x[0] - batch.images) / sigma
    assert (noise.mean().item(), noise.std().item()) == pytest.approx((0, 1), abs=0.02)
    assert abs(torch.corrcoef(noise.flatten(1).T)[0, 1]) < 0.03


def test_labels_reach_the_model(make_batch, recorder):
    labels = torch.arange(5)
    model = with_scalings(recorder(lambda x, t: x))
    edm.denoising_loss(model, make_batch(5, labels=labels), SETTINGS)
    assert model.labels[0] is labels


@pytest.mark.parametrize("variant", discover()["edm"]["variants"])
def test_every_sampler_draws_from_the_data(gaussian, variant):
    settings = discover()["edm"]["variants"][variant]["sampling"]
    request = SampleRequest(ImageShape(1, 8, 8), 0, range(300), 127, settings)
    model = gaussian(0.3)
    images = edm.sample(model, request)
    assert model.calls == 127 and images.dtype == torch.float64
    assert images.std().item() == pytest.approx(0.3, rel=0.04)
    assert images.mean().item() == pytest.approx(0, abs=0.01)


def test_churn_needs_and_uses_the_noise_of_each_step(gaussian):
    variants = discover()["edm"]["variants"]

    def samples(variant):
        return edm.sample(
            gaussian(), SampleRequest(ImageShape(1, 8, 8), 0, range(20), 17, variants[variant]["sampling"])
        )

    start = SampleRequest(ImageShape(1, 8, 8), 0, range(20), 17).noise().double()
    follows = {name: torch.corrcoef(torch.stack([samples(name).flatten(), start.flatten()]))[0, 1] for name in variants}
    assert follows["heun"] > 0.999 and follows["euler"] > 0.999 and follows["stochastic"] < 0.9


def solve(model, solver, levels, x):
    """Final states [B] of a multistep solver from states [B] at levels[0]."""
    denoise = lambda x, sigma: model(x, torch.full((len(x),), sigma))  # noqa: E731
    return edm.solve(denoise, x.reshape(-1, 1, 1, 1), levels, solver).flatten()


@pytest.mark.parametrize("solver", edm.SCHEDULERS)
def test_multistep_solvers_have_an_error_of_second_order_or_better(gaussian, solver):
    spread, x = 0.5, torch.tensor([80.0], dtype=torch.float64)

    def error(count):
        levels = karras_grid(count)
        last = x * ((spread**2 + levels[-1] ** 2) / (spread**2 + levels[0] ** 2)).sqrt()
        exact = gaussian(spread)(last.reshape(1, 1, 1, 1), levels[-1:]).flatten()  # of which the step to 0 is made
        return (solve(gaussian(spread), solver, levels, x) / exact - 1).abs().item()

    for count in (20, 40):
        assert error(2 * count) < error(count) / 3.5
    assert error(80) < 3e-3


@pytest.mark.parametrize("solver", edm.SCHEDULERS)
def test_multistep_solvers_follow_the_ode_of_heun(recorder, solver):
    def two_peaks(x, sigma):
        """The true denoiser of data N(+-0.5, 0.1^2) in equal parts."""
        variance = 0.1**2 + sigma.double() ** 2
        return (0.1**2 * x + sigma**2 * 0.5 * torch.tanh(0.5 * x / variance)) / variance

    model, x = recorder(two_peaks), 80 * torch.tensor([-2.0, -0.4, -0.05, 0.01, 0.3, 1.5], dtype=torch.float64)
    denoise = lambda x, sigma: model(x, torch.full((len(x),), sigma))  # noqa: E731
    with torch.no_grad():
        exact = heun(denoise, x.reshape(-1, 1, 1, 1), karras_grid(400)).flatten()
        errors = {count: (solve(model, solver, karras_grid(count), x) - exact).abs().max() for count in (10, 100)}
    assert errors[100] < 0.01 and errors[100] < errors[10] / 10


@pytest.mark.parametrize("solver", edm.SCHEDULERS)
def test_multistep_solvers_evaluate_once_at_every_level(gaussian, recorder, solver):
    model = recorder(lambda x, t: gaussian()(x, t))
    solve(model, solver, karras_grid(7), torch.full((3,), 80.0, dtype=torch.float64))
    assert [t[0].item() for t in model.t] == pytest.approx(karras_grid(7).tolist())


def test_the_solvers_of_diffusers_are_loaded_by_their_own_variants_alone():
    code = (
        "import sys\n"
        "from fewstep.contract.models import load_method\n"
        "edm = load_method('edm')\n"
        "assert 'diffusers' not in sys.modules\n"
        "edm.SCHEDULERS['dpm_solver']()\n"
        "assert 'diffusers' in sys.modules\n"
    )
    environment = {"PYTHONPATH": str(ROOT / "workflow"), "HOME": "/nowhere"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
