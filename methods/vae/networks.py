"""Encoder and decoder of the VAE: residual blocks whose normalisation is adapted to the label, and to the code."""

import torch
import torch.nn.functional as F
from torch import nn

from fewstep.nets.sides import check_sides
from fewstep.nets.unet import Block, Downsample, Upsample, group_norm, zero_init

LEAST_LOG_SCALE = -7.0  # an eighth of a bin: less would gain no likelihood, and overflow


class VAE(nn.Module):
    """q(z | x, y) and p(x | z, y); the prior of the code is N(0, I). A call of it is an evaluation of the decoder.

    Args:
        shape: of the images.
        channels: width per level, from full folded resolution down; every level after the first halves it.
        blocks: residual blocks per level.
        latent: numbers in a code.
        patch: side of the square of pixels that is folded into channels.
        dropout: probability inside the residual blocks.
    """

    def __init__(self, shape, channels, blocks, latent, patch=1, dropout=0.0):
        super().__init__()
        check_sides("vae", shape, patch)
        self.latent = latent
        sides = [(shape.height // patch, shape.width // patch)]
        for _ in channels[1:]:
            sides.append(tuple((side + 1) // 2 for side in sides[-1]))
        sizes = (channels, blocks, latent, patch, sides, dropout)
        self.encoder = Encoder(shape, *sizes)
        self.decoder = Decoder(shape, *sizes)

    def encode(self, images, labels=None):
        """Mean and log standard deviation [B, latent] of q(z | x, y) for images [B, C, H, W]."""
        return self.encoder(images, labels)

    def forward(self, z, labels=None):
        """Mean and log scale, [B, 2, C, H, W], of each pixel's logistic distribution for codes [B, latent]."""
        return self.decoder(z, labels)


class Encoder(nn.Module):
    """Images and labels to the Gaussian posterior of their codes."""

    def __init__(self, shape, channels, blocks, latent, patch, sides, dropout):
        super().__init__()
        self.patch, width = patch, 2 * channels[0]
        self.label = LabelEmbedding(shape.classes, width)
        self.stem = nn.Conv2d(shape.channels * patch**2, channels[0], 3, padding=1)
        self.layers, current = nn.ModuleList(), channels[0]
        for level, size in enumerate(channels):
            if level:
                self.layers.append(Downsample(current))
            for _ in range(blocks):
                self.layers.append(Block(current, size, width, dropout, attention=False))
                current = size
        self.norm = group_norm(current)
        self.head = nn.Linear(current * sides[-1][0] * sides[-1][1], 2 * latent)

    def forward(self, images, labels):
        embedding = self.label(images, labels)
        x = self.stem(F.pixel_unshuffle(images, self.patch))
        for layer in self.layers:
            x = layer(x, embedding)
        return self.head(F.silu(self.norm(x)).flatten(1)).chunk(2, dim=1)


class Decoder(nn.Module):
    """Codes and labels to the distribution of the pixels; the code enters at the bottom and in every block."""

    def __init__(self, shape, channels, blocks, latent, patch, sides, dropout):
        super().__init__()
        self.patch, self.sides, width = patch, sides, 2 * channels[0]
        self.label, self.code = LabelEmbedding(shape.classes, width), nn.Linear(latent, width)
        self.start = nn.Linear(latent + width, channels[-1] * sides[-1][0] * sides[-1][1])
        self.layers, current = nn.ModuleList(), channels[-1]
        for level, size in reversed(list(enumerate(channels))):
            for _ in range(blocks):
                self.layers.append(Block(current, size, width, dropout, attention=False))
                current = size
            if level:
                self.layers.append(Upsample(current))
        self.norm = group_norm(current)
        self.head = zero_init(nn.Conv2d(current, 2 * shape.channels * patch**2, 3, padding=1))

    def forward(self, z, labels):
        label = self.label(z, labels)
        embedding = F.silu(label + self.code(z))
        x = self.start(torch.cat([z, label], dim=1)).unflatten(1, (-1, *self.sides[-1]))
        remaining = list(self.sides[:-1])
        for layer in self.layers:
            x = layer(x, size=remaining.pop()) if isinstance(layer, Upsample) else layer(x, embedding)
        mean, log_scale = F.pixel_shuffle(self.head(F.silu(self.norm(x))), self.patch).chunk(2, dim=1)
        return torch.stack([mean, log_scale.clamp(min=LEAST_LOG_SCALE)], dim=1)


class LabelEmbedding(nn.Module):
    """Labels [B] to vectors [B, width]; zeros where the data has no labels."""

    def __init__(self, classes, width):
        super().__init__()
        self.width, self.table = width, nn.Embedding(classes, width) if classes else None

    def forward(self, beside, labels):
        """`beside` is any tensor of the batch: it gives the size and the device where there are no labels."""
        return beside.new_zeros(len(beside), self.width) if self.table is None else self.table(labels)
