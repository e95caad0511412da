"""One configurable U-Net for every denoiser and generator of the suite.

Own code rather than diffusers' UNet2DModel: the conditioning of EDM (a continuous noise level, adaptive group
normalisation, a class embedding that may be absent), the folding of pixels into channels that makes 28x28 affordable
on two cores, and state dicts without a framework's prefixes, in one file that reads top to bottom.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fewstep.contract.method import ImageShape
from fewstep.nets.sides import check_sides


class UNet(nn.Module):
    """Residual U-Net on images folded by `patch` (Ho et al. 2020; adaptive normalisation of Dhariwal & Nichol 2021).

    Args:
        in_channels: channels of the input image (more than `out_channels` when a condition is concatenated).
        out_channels: channels of the output image.
        channels: width per level; every level after the first halves the resolution (rounding up).
        blocks: residual blocks per level on the way down; one more on the way up.
        attention: levels (0 = full folded resolution) that end their blocks with self-attention.
        patch: side of the square of pixels that is folded into channels; must divide height and width.
        classes: number of labels, 0 for an unconditional network.
        dropout: probability inside the residual blocks.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        channels: Sequence[int] = (64, 128),
        blocks: int = 2,
        attention: Sequence[int] = (),
        patch: int = 1,
        classes: int = 0,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.patch = patch
        width = channels[0] * 4
        self.embed = NoiseAndLabelEmbedding(width, classes)
        self.stem = nn.Conv2d(in_channels * patch**2, channels[0], 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        skips, current = [channels[0]], channels[0]
        for level, size in enumerate(channels):
            if level:
                self.down.append(Downsample(current))
                skips.append(current)
            for _ in range(blocks):
                self.down.append(Block(current, size, width, dropout, level in attention))
                current = size
                skips.append(current)
        self.middle = Block(current, current, width, dropout, len(channels) - 1 in attention)
        for level, size in reversed(list(enumerate(channels))):
            for _ in range(blocks + 1):
                self.up.append(Block(current + skips.pop(), size, width, dropout, level in attention))
                current = size
            if level:
                self.up.append(Upsample(current))
        self.norm = group_norm(current)
        self.head = zero_init(nn.Conv2d(current, out_channels * patch**2, 3, padding=1))

    def forward(self, x: Tensor, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """Map images [B, in_channels, H, W], noise levels [B] and labels [B] to [B, out_channels, H, W]."""
        embedding = self.embed(noise, labels)
        x = self.stem(F.pixel_unshuffle(x, self.patch))
        skips = [x]
        for layer in self.down:
            x = layer(x, embedding)
            skips.append(x)
        x = self.middle(x, embedding)
        for layer in self.up:
            if isinstance(layer, Upsample):
                x = layer(x, size=skips[-1].shape[-2:])
            else:
                x = layer(torch.cat([x, skips.pop()], dim=1), embedding)
        return F.pixel_shuffle(self.head(F.silu(self.norm(x))), self.patch)


def unet_for(network: Mapping[str, Any], shape: ImageShape) -> UNet:
    """The U-Net of a card's `network` section for images of `shape`, conditional where the data has labels.

    Raises:
        FewstepError: `patch` does not divide the images' sides.
    """
    check_patch(network, shape)
    return UNet(shape.channels, shape.channels, classes=shape.classes, **network)


def super_resolver_for(network: Mapping[str, Any], shape: ImageShape) -> UNet:
    """The U-Net of a card's `network` section for images of `shape` beside an enlarged one of the same size.

    The condition is concatenated on the channel axis (Saharia et al. 2021), so that the input has twice the channels;
    there is no label.

    Raises:
        FewstepError: `patch` does not divide the images' sides.
    """
    check_patch(network, shape)
    return UNet(2 * shape.channels, shape.channels, **network)


def check_patch(network: Mapping[str, Any], shape: ImageShape) -> None:
    """Refuse images whose sides the `patch` of a card's `network` section does not divide."""
    check_sides("network.patch", shape, network.get("patch", 1))


class NoiseAndLabelEmbedding(nn.Module):
    """Sinusoidal features of the noise level plus a class embedding, through a two-layer perceptron."""

    def __init__(self, width: int, classes: int):
        super().__init__()
        self.features = width // 4
        self.first = nn.Linear(self.features, width)
        self.label = nn.Embedding(classes, width) if classes else None
        self.second = nn.Linear(width, width)

    def forward(self, noise: Tensor, labels: Tensor | None) -> Tensor:
        """Embedding [B, width] of noise levels [B] and labels [B]; without labels no class embedding is added.

        EDM's ADM network does that. The label layer of its DDPM++ and NCSN++ networks (SongUNet) adds a bias without
        labels, too.
        """
        hidden = self.first(sinusoidal_features(noise, self.features))
        if self.label is not None and labels is not None:
            hidden = hidden + self.label(labels)
        return F.silu(self.second(F.silu(hidden)))


def sinusoidal_features(level: Tensor, count: int) -> Tensor:
    """Features [B, count] of levels [B]; frequencies from 16 down to 1/64, geometrically spaced.

    The levels that reach a network are ln(sigma)/4 in [-1.6, 1.1] or a time in [0, 1]: the transformer's base of 10,000
    would leave most features constant over such a range.
    """
    half = count // 2
    octaves = torch.linspace(4, -6, half, device=level.device, dtype=torch.float32)
    angles = level.float()[:, None] * (2.0**octaves * math.pi)
    return torch.cat([angles.cos(), angles.sin()], dim=1)


class Block(nn.Module):
    """Residual block with adaptive scale and shift, optionally followed by self-attention."""

    def __init__(self, inputs: int, outputs: int, embedding: int, dropout: float, attention: bool):
        super().__init__()
        self.norm1, self.conv1 = group_norm(inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.affine = nn.Linear(embedding, 2 * outputs)
        self.norm2, self.conv2 = group_norm(outputs), zero_init(nn.Conv2d(outputs, outputs, 3, padding=1))
        self.dropout = nn.Dropout(dropout)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        self.attention = SelfAttention(outputs) if attention else nn.Identity()

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.affine(embedding)[:, :, None, None].chunk(2, dim=1)
        h = F.silu(torch.addcmul(shift, self.norm2(h), scale + 1))
        h = self.conv2(self.dropout(h))
        return self.attention((self.skip(x) + h) * math.sqrt(0.5))


class SelfAttention(nn.Module):
    """Self-attention over pixels, heads of 32 channels or fewer."""

    def __init__(self, channels: int):
        super().__init__()
        self.heads = max(1, channels // 32)
        self.norm = group_norm(channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.project = zero_init(nn.Conv2d(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        qkv = self.qkv(self.norm(x)).view(batch, 3, self.heads, channels // self.heads, height * width)
        query, key, value = qkv.transpose(-1, -2).unbind(1)
        mixed = F.scaled_dot_product_attention(query, key, value).transpose(-1, -2)
        return (x + self.project(mixed.reshape(x.shape))) * math.sqrt(0.5)


class Downsample(nn.Module):
    """Strided convolution; odd sizes round up, so that 7x7 becomes 4x4."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        return self.conv(x)


class Upsample(nn.Module):
    """Nearest-neighbour enlargement to the size of the skip it will meet, then a convolution."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, size: Sequence[int]) -> Tensor:
        return self.conv(F.interpolate(x, size=tuple(size), mode="nearest"))


def group_norm(channels: int) -> nn.GroupNorm:
    """Group normalisation with at most 32 groups of at least 4 channels."""
    return nn.GroupNorm(math.gcd(min(32, max(1, channels // 4)), channels), channels, eps=1e-5)


def zero_init(layer: nn.Conv2d) -> nn.Conv2d:
    """Start a residual branch (or the output) at zero, so that the block starts as the identity."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
