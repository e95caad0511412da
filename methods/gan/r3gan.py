"""Networks of R3GAN (Huang et al. 2025, section 4): grouped residual blocks, filtered resampling, no normalisation."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from fewstep.nets.sides import check_sides

SLOPE = 0.2  # of the leaky ReLU
GAIN = math.sqrt(2 / (1 + SLOPE**2))  # keeps the variance through it
GROUP = 16  # channels in a group of the 3x3 convolutions
FILTER = (1.0, 3.0, 3.0, 1.0)  # of both resamplers, along each axis


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
        self.label = Label(shape.classes, embedding) if shape.classes else None
        inputs = latent + (embedding if shape.classes else 0)
        self.scale = scaled(nn.Linear(inputs, channels[-1], bias=False))
        self.basis = nn.Parameter(torch.randn(channels[-1], height, width))
        layers, total = [], blocks * len(channels)
        for level, size in reversed(list(enumerate(channels))):
            layers += [Block(size, total) for _ in range(blocks)]
            if level:
                layers += [*widening(size, channels[level - 1]), Upsample()]
        self.body = nn.Sequential(*layers)
        self.head = scaled(nn.Conv2d(channels[0], shape.channels * patch**2, 1, bias=False))

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
        self.stem = scaled(nn.Conv2d(shape.channels * patch**2, channels[0], 1, bias=False))
        layers = []
        for level, size in enumerate(channels):
            if level:
                layers += [Downsample(), *widening(channels[level - 1], size)]
            layers += [Block(size, total) for _ in range(blocks)]
        self.body = nn.Sequential(*layers)
        self.basis = scaled(nn.Conv2d(size, size, basis_size(shape, channels, patch), groups=size, bias=False))
        self.head = scaled(nn.Linear(size, embedding if shape.classes else 1, bias=False))
        self.label = Label(shape.classes, embedding, gain=embedding**-0.5) if shape.classes else None

    def forward(self, images, labels=None):
        """Logits [B] of images [B, C, H, W]; greater for real ones."""
        features = self.head(self.basis(self.body(self.stem(F.pixel_unshuffle(images, self.patch)))).flatten(1))
        return features.squeeze(1) if self.label is None else (features * self.label(labels)).sum(1)


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


class Label(nn.Module):
    """Linear map of one-hot labels, without bias, which starts at a standard deviation of gain / sqrt(classes)."""

    def __init__(self, classes, embedding, gain=1.0):
        super().__init__()
        self.linear = scaled(nn.Linear(classes, embedding, bias=False), gain)

    def forward(self, labels):
        """Embeddings [B, embedding] of labels int64 [B]."""
        return self.linear(F.one_hot(labels, self.linear.in_features).to(self.linear.weight.dtype))


class Resampler(nn.Module):
    """A channelwise 4x4 low-pass filter, whose sum is `gain`; outside of the image there are zeros."""

    def __init__(self, gain):
        super().__init__()
        along = torch.tensor(FILTER) / sum(FILTER)
        self.register_buffer("filter", gain * torch.outer(along, along), persistent=False)

    def weights(self, channels):
        return self.filter.expand(channels, 1, -1, -1)


class Downsample(Resampler):
    """Filter and keep every second pixel of every second row (StyleGAN's upfirdn2d with padding 1)."""

    def __init__(self):
        super().__init__(gain=1)

    def forward(self, x):
        """[B, C, H, W] to [B, C, H/2, W/2]."""
        return F.conv2d(x, self.weights(x.shape[1]), stride=2, padding=1, groups=x.shape[1])


class Upsample(Resampler):
    """Put zeros between the pixels and filter; the gain of 4 makes up for the zeros, and the border darkens."""

    def __init__(self):
        super().__init__(gain=4)

    def forward(self, x):
        """[B, C, H, W] to [B, C, 2H, 2W]."""
        return F.conv_transpose2d(x, self.weights(x.shape[1]), stride=2, padding=1, groups=x.shape[1])


def widening(inputs, outputs):
    """The 1x1 convolution between two widths, as a list of layers; equal widths need none."""
    return [scaled(nn.Conv2d(inputs, outputs, 1, bias=False))] if inputs != outputs else []


def scaled(layer, gain=1.0):
    """The layer with weights of standard deviation gain / sqrt(inputs of an output) and biases of zero."""
    nn.init.normal_(layer.weight, std=gain / math.sqrt(layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def basis_size(shape, channels, patch):
    """Height and width of the lowest resolution; every stage above doubles it."""
    factor = patch * 2 ** (len(channels) - 1)
    check_sides("gan", shape, factor)
    return shape.height // factor, shape.width // factor
