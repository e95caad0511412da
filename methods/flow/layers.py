"""Invertible layers of a coupling flow.

Every layer maps x [B, C, H, W] to as many values: `encode(x, labels) -> (z, log |det dz/dx| [B])`, and
`decode(z, labels) -> x` takes it back.
"""

import torch
import torch.nn.functional as F
from torch import nn

from fewstep.nets.unet import zero_init

LARGEST_LOG_SCALE = 2.0  # of one coupling: what several of them do together stays invertible in float32


class Level(nn.Module):
    """One scale of the flow (Dinh et al. 2017, section 3.6): fold pixels, mix and couple, let half of the channels go.

    What goes is scaled and shifted by the last coupling, given what stays: it is latent then. What stays passes on to a
    next level. Latents are laid out as the image is, so that a level maps images to images.

    Args:
        channels: of the images that enter.
        couplings: pairs of a 1x1 convolution and a coupling, for this level and for each after it.
        widths: hidden channels of their networks, likewise.
        classes: number of labels, 0 without.
        patch: side of the square of pixels that is folded into channels.
    """

    def __init__(self, channels, couplings, widths, classes, patch):
        super().__init__()
        self.patch, folded = patch, channels * patch**2
        pairs = [(InvertibleConv(folded), Coupling(folded, widths[0], classes)) for _ in range(couplings[0])]
        self.layers = nn.ModuleList(layer for pair in pairs for layer in pair)
        stays = folded - folded // 2
        self.inner = Level(stays, couplings[1:], widths[1:], classes, patch) if couplings[1:] else None

    def encode(self, x, labels):
        x = F.pixel_unshuffle(x, self.patch)
        volume = torch.zeros(len(x), dtype=x.dtype, device=x.device)
        for layer in self.layers:
            x, change = layer.encode(x, labels)
            volume = volume + change
        if self.inner is not None:
            stays, leaves = halves(x)
            stays, change = self.inner.encode(stays, labels)
            x, volume = torch.cat([stays, leaves], dim=1), volume + change
        return F.pixel_shuffle(x, self.patch), volume

    def decode(self, z, labels):
        z = F.pixel_unshuffle(z, self.patch)
        if self.inner is not None:
            stays, leaves = halves(z)
            z = torch.cat([self.inner.decode(stays, labels), leaves], dim=1)
        for layer in reversed(self.layers):
            z = layer.decode(z, labels)
        return F.pixel_shuffle(z, self.patch)


class InvertibleConv(nn.Module):
    """Mixes channels by one matrix at every pixel, and shifts them (Kingma & Dhariwal 2018, section 3.2).

    The matrix starts as a random rotation and is free: its scale does what Glow's actnorm does.
    """

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.linalg.qr(torch.randn(channels, channels))[0])
        self.bias = nn.Parameter(torch.zeros(channels))

    def encode(self, x, labels):
        z = F.conv2d(x, self.weight[:, :, None, None], self.bias)
        change = torch.linalg.slogdet(self.weight).logabsdet * x.shape[2] * x.shape[3]
        return z, change.expand(len(x))

    def decode(self, z, labels):
        inverse = torch.linalg.inv(self.weight.double()).to(z.dtype)
        return F.conv2d(z - self.bias[:, None, None], inverse[:, :, None, None])


class Coupling(nn.Module):
    """z1 = x1, z2 = (x2 + shift(x1)) exp(log_scale(x1)): trivial to invert (Dinh et al. 2017, eq. 7 and 8)."""

    def __init__(self, channels, width, classes):
        super().__init__()
        changed = channels // 2
        self.net = CouplingNet(channels - changed, 2 * changed, width, classes)

    def encode(self, x, labels):
        kept, changed = halves(x)
        log_scale, shift = self.scale_and_shift(kept, labels)
        return torch.cat([kept, (changed + shift) * log_scale.exp()], dim=1), log_scale.flatten(1).sum(dim=1)

    def decode(self, z, labels):
        kept, changed = halves(z)
        log_scale, shift = self.scale_and_shift(kept, labels)
        return torch.cat([kept, changed * (-log_scale).exp() - shift], dim=1)

    def scale_and_shift(self, kept, labels):
        raw, shift = self.net(kept, labels).chunk(2, dim=1)
        return LARGEST_LOG_SCALE * torch.tanh(raw / LARGEST_LOG_SCALE), shift


class CouplingNet(nn.Module):
    """Three convolutions, 3x3, 1x1 and 3x3 as in Glow, with a class embedding; its output starts at 0."""

    def __init__(self, inputs, outputs, width, classes):
        super().__init__()
        self.first = nn.Conv2d(inputs, width, 3, padding=1)
        self.label = nn.Embedding(classes, width) if classes else None
        self.middle = nn.Conv2d(width, width, 1)
        self.last = zero_init(nn.Conv2d(width, outputs, 3, padding=1))

    def forward(self, x, labels):
        hidden = self.first(x)
        if self.label is not None and labels is not None:
            hidden = hidden + self.label(labels)[:, :, None, None]
        return self.last(F.silu(self.middle(F.silu(hidden))))


def halves(x):
    """Channels in two groups, the first not smaller."""
    return x.tensor_split([x.shape[1] - x.shape[1] // 2], dim=1)
