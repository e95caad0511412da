"""Analytic models and batches that the tests of several methods use."""

import pytest
import torch
from torch import nn

from fewstep.training.loop import Batch


class Gaussian(nn.Module):
    """The true denoiser of data N(0, spread^2): D(x; s) = x spread^2 / (spread^2 + s^2), times `scale`."""

    def __init__(self, spread: float = 0.5, scale: float = 1.0):
        super().__init__()
        self.spread, self.scale, self.calls = spread, scale, 0

    def forward(self, x, sigma, labels=None):
        self.calls += 1
        sigma = sigma.reshape(-1, 1, 1, 1).to(x.dtype)
        return self.scale * x * self.spread**2 / (self.spread**2 + sigma**2)


class Recorder(nn.Module):
    """A model that answers with `output(x, t)` [B, C, H, W], t [B, 1, 1, 1], and keeps what it was shown."""

    def __init__(self, output):
        super().__init__()
        self.output, self.x, self.t, self.labels = output, [], [], []
        self.theta = nn.Parameter(torch.tensor(1.0))

    def forward(self, x, t, labels=None):
        self.x.append(x.detach())
        self.t.append(t)
        self.labels.append(labels)
        return self.theta * self.output(x, t.reshape(-1, 1, 1, 1))


@pytest.fixture
def gaussian():
    return Gaussian


@pytest.fixture
def recorder():
    return Recorder


@pytest.fixture
def make_batch():
    """A function of (count, side, spread) that gives a batch of Gaussian images."""

    def make(count=1000, side=4, spread=0.5, seed=0, labels=None):
        generator = torch.Generator().manual_seed(seed)
        images = spread * torch.randn(count, 1, side, side, generator=generator)
        return Batch(images, labels, generator)

    return make
