"""Networks of R3GAN (Huang et al. 2025, section 4): grouped residual blocks, bilinear resampling, no normalisation."""

import math

import torch
import torch.nn.functional as F
from torch import nn

SLOPE = 0.2  # of the leaky ReLU
GAIN = math.sqrt(2 / (1 + SLOPE**2))  # keeps the variance through it
GROUP = 16  # channels in a group of the 3x3 convolutions


class Generator(nn.Module):
    """A code and a label scale the channels of a learned basis, which residual stages double up to the image.

    Args:
        shape: of the images.
        channels: width per stage, from the folded resolution of the image down to that of the basis.
        blocks: residual blocks per stage.
        latent: numbers in a code.
        embedding: numbers in which a label is embedded.
        patch: side of the square of pixels that is folded into channels.
    """

    def __init__(self, shape, channels, blocks, latent, embedding, patch=1):
        super().__init__()
        self.latent, self.patch = latent, patch
        height, width = basis_size(shape, channels, patch)
        self.label = nn.Embedding(shape.classes, embedding) if shape.classes else None
        inputs = latent + (embedding if shape.classes else 0)
        self.scale = scaled(nn.Linear(inputs, channels[-1], bias=False))
        self.basis = nn.Parameter(torch.randn(channels[-1], height, width))
        layers, total = [], blocks * len(channels)
        for level, size in reversed(list(enumerate(channels))):
            layers += [Block(size, total) for _ in range(blocks)]
            if level:
                layers += [scaled(nn.Conv2d(size, channels[level - 1], 1, bias=False)), Upsample()]
        self.body = nn.Sequential(*layers)
        self.head = scaled(nn.Conv2d(channels[0], shape.channels * patch**2, 1))

    def forward(self, z, labels=None, truncation=None):
        """Codes [B, latent] and labels [B] to images [B, C, H, W]; without normalisation `truncation` is in z alone."""
        if self.label is not None:
            z = torch.cat([z, self.label(labels)], dim=1)
        x = self.body(self.basis * self.scale(z)[:, :, None, None])
        return F.pixel_shuffle(self.head(x), self.patch)


class Discriminator(nn.Module):
    """The generator's mirror: residual stages down to the basis's size; a label picks a direction of the features."""

    def __init__(self, shape, channels, blocks, latent, embedding, patch=1):
        super().__init__()
        self.patch = patch
        total = blocks * len(channels)
        self.stem = scaled(nn.Conv2d(shape.channels * patch**2, channels[0], 1))
        layers = []
        for level, size in enumerate(channels):
            if level:
                layers += [nn.AvgPool2d(2), scaled(nn.Conv2d(channels[level - 1], size, 1, bias=False))]
            layers += [Block(size, total) for _ in range(blocks)]
        self.body = nn.Sequential(*layers)
        self.basis = scaled(nn.Conv2d(size, size, basis_size(shape, channels, patch), groups=size, bias=False))
        self.head = scaled(nn.Linear(size, embedding if shape.classes else 1, bias=False))
        self.label = nn.Embedding(shape.classes, embedding) if shape.classes else None

    def forward(self, images, labels=None):
        """Logits [B] of images [B, C, H, W]; greater for real ones."""
        features = self.head(self.basis(self.body(self.stem(F.pixel_unshuffle(images, self.patch)))).flatten(1))
        if self.label is None:
            return features.squeeze(1)
        return (features * self.label(labels)).sum(1) / math.sqrt(features.shape[1])


class Block(nn.Module):
    """x + W3 a(W2 a(W1 x)): 1x1 to twice the width, grouped 3x3, 1x1 back; a block starts as the identity.

    Args:
        channels: of x.
        total: residual blocks in the network; the initial weights shrink with it (Fixup; Zhang et al. 2019).
    """

    def __init__(self, channels, total):
        super().__init__()
        wide = 2 * channels
        self.layers = nn.Sequential(
            scaled(nn.Conv2d(channels, wide, 1), GAIN * total**-0.25),
            nn.LeakyReLU(SLOPE),
            scaled(nn.Conv2d(wide, wide, 3, padding=1, groups=max(1, wide // GROUP)), GAIN * total**-0.25),
            nn.LeakyReLU(SLOPE),
            scaled(nn.Conv2d(wide, channels, 1, bias=False), 0.0),
        )

    def forward(self, x):
        return x + self.layers(x)


class Upsample(nn.Module):
    """Bilinear enlargement by two; its counterpart, bilinear reduction by two, is the mean of 2x2 pixels."""

    def forward(self, x):
        return F.interpolate(x, scale_factor=2, mode="bilinear")


def scaled(layer, gain=1.0):
    """The layer with weights of standard deviation gain / sqrt(inputs of an output) and biases of zero."""
    nn.init.normal_(layer.weight, std=gain / math.sqrt(layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def basis_size(shape, channels, patch):
    """Height and width of the lowest resolution; every stage above doubles it."""
    factor = patch * 2 ** (len(channels) - 1)
    return shape.height // factor, shape.width // factor
