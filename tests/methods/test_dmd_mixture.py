"""DMD on a mixture in the plane with a known score: the real score alone collapses, the whole method does not."""

import importlib

import pytest
import torch
from torch import nn

from fewstep.contract.method import ImageShape
from fewstep.contract.models import load_method
from fewstep.diffusion.preconditioning import SIGMA_MAX, Denoiser
from fewstep.training.loop import TrainingRun, optimise

dmd = load_method("dmd")
critic, distillation, losses, pairs = (
    importlib.import_module(f"{dmd.__name__}.{name}") for name in ("critic", "distillation", "losses", "pairs")
)

CENTRES = 0.6 * torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
SPREAD = 0.15


class Mixture(nn.Module):
    """The true denoiser of four equal Gaussians in the plane, points as [B, 2, 1, 1]."""

    def forward(self, x, sigma, labels=None):
        points, variance = x.flatten(1)[:, None], (SPREAD**2 + sigma**2).reshape(-1, 1, 1).to(x.dtype)
        centres = CENTRES.to(x.dtype)
        share = (-(points - centres).square().sum(2, keepdim=True) / (2 * variance)).softmax(dim=1)
        each = (SPREAD**2 * points + (variance - SPREAD**2) * centres) / variance
        return (share * each).sum(1).reshape(x.shape)


class Perceptron(nn.Module):
    """A network of points in the plane and the noise level."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 2))

    def forward(self, x, noise, labels):
        return self.layers(torch.cat([x.flatten(1), noise[:, None]], dim=1)).reshape(x.shape)


@pytest.fixture
def plane(tmp_path):
    """A run on the mixture, and an untrained generator."""
    training = {"steps": 1000, "batch": 256, "learning_rate": 4e-3, "decay": "cosine", "clip": 10}
    training |= {"critic_steps": 1, "ema_decay": 0.98, "pairs": {"batch": 128, "weight": 1.0, "final_weight": 1.0}}
    shape, no_data = ImageShape(2, 1, 1), torch.zeros(1, 2, 1, 1)  # the teacher knows the data
    recipe = {"network": {}, "training": training}
    run = TrainingRun(recipe, shape, no_data, None, tmp_path, tmp_path / "log.csv", teacher=Mixture())
    return run, Denoiser(Perceptron())


def generated(generator):
    """2,000 points in the plane."""
    noise = torch.randn(2000, 2, 1, 1, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return distillation.generate(generator, SIGMA_MAX * noise, SIGMA_MAX, None).flatten(1)


def test_the_real_score_alone_collapses(plane):
    run, generator = plane
    optimizer = torch.optim.Adam(generator.parameters(), lr=4e-3)
    for k in range(300):
        batch = run.batch(k)
        images = distillation.simulate(generator, [SIGMA_MAX], batch)
        still = images.detach()
        real = run.teacher(*distillation.noised(still, batch, distillation.COMPARED))
        # A fake score of 0: the noise's mean is subtracted, the images themselves remain.
        optimise(losses.matching_loss(images, losses.matching_gradient(still, real, still)), optimizer)
    assert generated(generator).std(0).max() < SPREAD / 2  # a spot smaller than one of the modes, which lie 1.2 apart


def test_the_full_method_covers_the_modes(plane):
    run, generator = plane
    made = pairs.teacher_pairs(run.teacher, run.shape, 500, 35, run.seed, run.device)
    whole = distillation.Distillation(run, generator, critic.Critic(Denoiser(Perceptron())), made)
    run.fit(whole.step, whole.state())
    distance, nearest = torch.cdist(generated(whole.ema.model), CENTRES).min(1)
    shares = nearest.bincount(minlength=4) / len(nearest)
    assert shares.min() > 0.15 and shares.max() < 0.35
    # From the centre of its mode, a point is as far as the teacher's are.
    real = torch.cdist(made["images"].flatten(1), CENTRES).min(1).values
    assert distance.median().item() == pytest.approx(real.median().item(), rel=0.3)
