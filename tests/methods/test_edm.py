"""EDM's loss is smallest for the true denoiser, weighted as the paper says; its samplers draw from the data."""

import pytest
import torch

from fewstep.cards import discover
from fewstep.contract import ImageShape, SampleRequest
from fewstep.diffusion.preconditioning import Denoiser
from fewstep.models import load_method

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
