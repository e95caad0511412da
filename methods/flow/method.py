"""Coupling flow (RealNVP, Glow): an invertible map from images to noise, trained by its exact likelihood."""

import math

import torch
from torch import nn

from fewstep.images.noise import torch_generator, uniform
from fewstep.nets.sides import check_sides
from fewstep.training.loop import minimise

from .layers import Level

GREY_LEVELS = 256
MARGIN = 1e-6  # pixels are squeezed into [MARGIN, 1 - MARGIN] before the logit (Papamakarios et al. 2017, on MNIST)


class Flow(nn.Module):
    """Images v in (0, 1) -> standardised logits -> noise of the images' shape.

    A call goes the other way, `model(z, labels)` from noise to images, so that calls count evaluations.

    Args:
        couplings: of each level.
        channels: hidden channels of their networks, for each level.
        patch: every level folds squares of this side into channels.
    """

    def __init__(self, shape, couplings, channels, patch=2):
        super().__init__()
        check_sides("flow", shape, patch ** len(couplings))
        self.level = Level(shape.channels, couplings, channels, shape.classes, patch)
        self.register_buffer("mean", torch.zeros(shape.chw))
        self.register_buffer("std", torch.ones(shape.chw))

    def forward(self, z, labels=None):
        """Images v [B, C, H, W], in (0, 1) but for the margin, from noise of their shape."""
        squeezed = torch.sigmoid(self.level.decode(z, labels) * self.std + self.mean)
        return (squeezed - MARGIN) / (1 - 2 * MARGIN)

    def encode(self, v, labels=None):
        """Noise and log |det dz/dv| [B] of images v."""
        squeezed = MARGIN + (1 - 2 * MARGIN) * v
        z, volume = self.level.encode((torch.logit(squeezed) - self.mean) / self.std, labels)
        slope = (1 - 2 * MARGIN) / (squeezed * (1 - squeezed) * self.std)
        return z, volume + slope.log().flatten(1).sum(dim=1)

    def log_density(self, v, labels=None):
        """Log density [B] of images v, in nats."""
        z, volume = self.encode(v, labels)
        return volume - 0.5 * (z**2 + math.log(2 * math.pi)).flatten(1).sum(dim=1)

    def standardise(self, v):
        """Take mean and spread of every pixel's logit from images v [N, C, H, W]."""
        logits = torch.logit(MARGIN + (1 - 2 * MARGIN) * v)
        self.mean.copy_(logits.mean(dim=0))
        self.std.copy_(logits.std(dim=0))


def build(recipe, shape):
    """The flow, untrained."""
    return Flow(shape, **recipe["network"])


def train(run):
    """Maximum likelihood of dequantised images; returns the averaged weights."""
    model = build(run.recipe, run.shape).to(run.device)
    noise = torch.rand(run.images.shape, generator=torch_generator(run.seed, "statistics")).to(run.device)
    model.standardise(dequantise(run.images, noise))

    def loss(model, batch, k):
        return bits_per_dim(model, batch.images, batch.labels, uniform(batch.normal()).float()).mean()

    return minimise(run, model, loss, clip=run.settings["clip"])


def dequantise(images, noise):
    """Images of 256 grey levels in [-1, 1] as points v of (0, 1): (level + noise) / 256 with noise in [0, 1)."""
    return (((images + 1) * (GREY_LEVELS - 1) / 2).round() + noise) / GREY_LEVELS


def quantise(v):
    """Images in [-1, 1] whose nearest grey level is the one that v lies in."""
    return (v * GREY_LEVELS - 0.5) / (GREY_LEVELS - 1) * 2 - 1


def bits_per_dim(model, images, labels, noise):
    """-log2 of the density over 256 grey levels, per value of the image, [B]: at least what lossless coding costs."""
    density = model.log_density(dequantise(images, noise), labels)
    return math.log2(GREY_LEVELS) - density / (math.log(2) * images[0].numel())


def sample(model, request):
    """Decode noise; a `temperature` below 1 shrinks it towards the likeliest image of the class."""
    return quantise(model(request.noise() * request.settings["temperature"], request.labels))


def evaluate(model, request, images):
    """Extra scores of held-out images [B, C, H, W]: bits per dimension [B], one draw of dequantisation noise each."""
    noise = uniform(request.noise("dequantisation")).float()
    return {"bits_per_dim": bits_per_dim(model, images, request.labels, noise)}
