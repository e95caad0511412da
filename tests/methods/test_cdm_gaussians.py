"""CDM on a cascade known exactly: one pixel z ~ N(0, A^2), four pixels x = z + N(0, B^2), and the true denoisers."""

import math

import pytest
import torch
from torch import nn

from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method

cdm = load_method("cdm")
A, B = 0.25, 0.1
PIXELS = ImageShape(1, 2, 2)


class Base(nn.Module):
    """The true denoiser of N(wrong, A^2): a base whose images are all too bright by `wrong`."""

    side = 1

    def __init__(self, wrong):
        super().__init__()
        self.wrong = wrong

    def forward(self, x, sigma, labels):
        share = A**2 / (A**2 + sigma.reshape(-1, 1, 1, 1) ** 2)
        return self.wrong + share * (x - self.wrong)


class Top(nn.Module):
    """The true denoiser of x given z_s, which knows that z_s is noisy: E[x | z_s] shrinks it towards the mean."""

    side = 2

    def forward(self, x, sigma, given):
        gamma = torch.cos(given.s * math.pi / 2).reshape(-1, 1, 1, 1) ** 2
        total = gamma * A**2 + 1 - gamma
        mean, spread = gamma.sqrt() * A**2 / total * given.z, A**2 * (1 - gamma) / total + B**2
        return mean + spread / (spread + sigma.reshape(-1, 1, 1, 1) ** 2) * (x - mean)


def gaussian_cascade(wrong):
    cascade = nn.Module()
    cascade.stages = nn.ModuleDict({"base": Base(wrong), "top": Top()})
    return cascade


def distance(images):
    """Squared Frechet distance of the pixels to N(0, A^2 + B^2)."""
    return images.mean().item() ** 2 + (images.std().item() - math.hypot(A, B)) ** 2


def request(s, **settings):
    """3,000 images in 40 + 40 steps."""
    return SampleRequest(PIXELS, 0, range(3000), 80, {"steps": {80: [40, 40]}, "s": s, **settings}, None)


@pytest.mark.parametrize("truncated", [True, False])
def test_augmentation_mends_the_errors_of_a_wrong_base(truncated):
    made = {s: cdm.sample(gaussian_cascade(0.2), request(s, truncated=truncated)) for s in (0.0, 0.2, 0.5)}
    for s, images in made.items():
        gamma = math.cos(math.pi * s / 2) ** 2
        kept = gamma * A**2 / (gamma * A**2 + 1 - gamma)  # of the base's error
        assert images.mean().item() == pytest.approx(0.2 * kept, abs=0.02)
    assert distance(made[0.5]) < distance(made[0.2]) < distance(made[0.0])


def test_augmentation_costs_a_right_base_and_the_oracle_nothing():
    generator = torch.Generator().manual_seed(1)
    true = A * torch.randn(3000, 1, 1, 1, generator=generator) + B * torch.randn(3000, 1, 2, 2, generator=generator)
    for s in (0.0, 0.2, 0.5):
        asked = request(s)
        right = cdm.sample(gaussian_cascade(0.0), asked)
        oracle = cdm.evaluate(gaussian_cascade(0.2), asked, true)["oracle_images"]
        assert distance(right) < 5e-4 and distance(oracle) < 5e-4
