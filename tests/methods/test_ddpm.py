"""DDPM's loss is smallest for the true noise predictor; both samplers draw from the data."""

import pytest
import torch
from torch import nn

from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.diffusion.schedules import alpha_bars
from fewstep.plan.cards import discover

ddpm = load_method("ddpm")


class GaussianNoise(nn.Module):
    """E[eps | x_t] of data N(0, spread^2), times `scale`."""

    def __init__(self, spread=0.5, scale=1.0):
        super().__init__()
        self.spread, self.scale, self.alpha_bar, self.t, self.x = spread, scale, alpha_bars(1000), [], []

    def forward(self, x, t, labels=None):
        self.t.append(t)
        self.x.append(x)
        kept = self.alpha_bar[t].reshape(-1, 1, 1, 1)
        return (self.scale * x * (1 - kept).sqrt() / (kept * self.spread**2 + 1 - kept)).to(x.dtype)


def test_the_true_predictor_has_the_smallest_loss(make_batch):
    losses = {s: ddpm.simple_loss(GaussianNoise(scale=s), make_batch(8000), 0).item() for s in (0.9, 1.0, 1.1)}
    assert losses[1.0] < min(losses[0.9], losses[1.1])
    kept = alpha_bars(1000)
    left = (kept * 0.5**2 / (kept * 0.5**2 + 1 - kept)).mean().item()  # variance of eps given x_t, averaged over t
    assert losses[1.0] == pytest.approx(left, rel=0.05)


def test_steps_are_uniform_and_states_preserve_the_variance_of_unit_data(make_batch):
    model = GaussianNoise(1.0)
    ddpm.simple_loss(model, make_batch(50_000, side=1, spread=1.0), 0)
    t = model.t[0]
    assert t.min() == 0 and t.max() == 999
    assert t.bincount().double().div(50).std().item() == pytest.approx(50**-0.5, rel=0.15)  # Poisson: none is favoured
    for part in (t < 200, t > 800):
        assert model.x[0][part].std().item() == pytest.approx(1, rel=0.03)


@pytest.mark.parametrize(("variant", "nfe", "tolerance"), [("ancestral", 1000, 0.04), ("ddim", 200, 0.04)])
def test_both_samplers_draw_from_the_data(variant, nfe, tolerance):
    settings = discover()["ddpm"]["variants"][variant]["sampling"]
    model = GaussianNoise(0.2)  # narrow: the clipping of the estimate to [-1, 1] never acts
    images = ddpm.sample(model, SampleRequest(ImageShape(1, 4, 4), 0, range(200), nfe, settings))
    assert len(model.t) == nfe and images.dtype == torch.float64
    assert images.std().item() == pytest.approx(0.2, rel=tolerance)


def test_ancestral_sampling_is_random_and_ddim_is_not():
    request = {v: c["sampling"] for v, c in discover()["ddpm"]["variants"].items()}
    start = SampleRequest(ImageShape(1, 8, 8), 0, range(20), 50).noise().double().flatten()

    def follows(variant):
        images = ddpm.sample(GaussianNoise(0.2), SampleRequest(ImageShape(1, 8, 8), 0, range(20), 50, request[variant]))
        return torch.corrcoef(torch.stack([images.flatten(), start]))[0, 1]

    assert follows("ddim") > 0.999 and follows("ancestral") < 0.5
