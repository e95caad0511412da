"""Networks of the spectral-norm GAN: Miyato et al. 2018 (table 3) with the labels of Miyato and Koyama 2018."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from fewstep.base.errors import FewstepError
from fewstep.nets.sides import check_sides

SLOPE = 0.1  # of the leaky ReLU


class Generator(nn.Module):
    """Transposed convolutions from a code to the image, with class-conditional batch normalisation and tanh.

    Args:
        shape: of the images.
        channels: width per stage, from the image's resolution down; every stage after the first halves it.
        latent: numbers in a code.
        truncations: thresholds for which it holds statistics beside those of codes that are not truncated.
    """

    def __init__(self, shape, channels, latent, truncations=()):
        super().__init__()
        self.latent, self.truncations = latent, [None, *truncations]
        factor = 2 ** (len(channels) - 1)
        check_sides("gan", shape, factor)
        self.start = channels[-1], shape.height // factor, shape.width // factor
        self.linear = nn.Linear(latent, channels[-1] * self.start[1] * self.start[2])
        widths = list(reversed(channels))
        self.norms = nn.ModuleList(ConditionalBatchNorm(c, shape.classes, len(self.truncations)) for c in widths)
        self.convolutions = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, stride=2, padding=1) for a, b in zip(widths, widths[1:], strict=False)
        )
        self.head = nn.Conv2d(channels[0], shape.channels, 3, padding=1)

    def forward(self, z, labels=None, truncation=None):
        """Codes [B, latent], drawn with the given truncation, and labels [B] to images [B, C, H, W] in [-1, 1]."""
        if truncation not in self.truncations:
            raise FewstepError(
                f"truncation {truncation} is not among the network's truncations {self.truncations[1:]}."
            )
        which = self.truncations.index(truncation)
        x = self.linear(z).unflatten(1, self.start)
        for norm, convolution in zip(self.norms, [*self.convolutions, self.head], strict=True):
            x = convolution(F.relu(norm(x, labels, which)))
        return torch.tanh(x)


class Discriminator(nn.Module):
    """Convolutions with spectral norm; a label's embedding is projected on the sum of the last features over pixels."""

    def __init__(self, shape, channels, latent, truncations=()):
        super().__init__()
        layers = [spectral_norm(nn.Conv2d(shape.channels, channels[0], 3, padding=1)), nn.LeakyReLU(SLOPE)]
        for a, b in zip(channels, channels[1:], strict=False):
            layers += [spectral_norm(nn.Conv2d(a, a, 4, stride=2, padding=1)), nn.LeakyReLU(SLOPE)]
            layers += [spectral_norm(nn.Conv2d(a, b, 3, padding=1)), nn.LeakyReLU(SLOPE)]
        self.body = nn.Sequential(*layers)
        self.head = spectral_norm(nn.Linear(channels[-1], 1))
        self.label = None
        if shape.classes:
            label = nn.Embedding(shape.classes, channels[-1])
            nn.init.xavier_uniform_(label.weight)  # from N(0, 1) it would learn at a fraction of the other layers' pace
            self.label = spectral_norm(label)

    def forward(self, images, labels=None):
        """Logits [B] of images [B, C, H, W]; greater for real ones."""
        features = self.body(images).sum((2, 3))
        logits = self.head(features).squeeze(1)
        return logits if self.label is None else logits + (features * self.label(labels)).sum(1)


class ConditionalBatchNorm(nn.Module):
    """Batch normalisation whose scale and shift belong to the label, with statistics for each way to draw codes.

    Args:
        channels: of its input.
        classes: number of labels, 0 for one scale and shift.
        ways: number of sets of statistics.
    """

    def __init__(self, channels, classes, ways):
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels, affine=False) for _ in range(ways))
        self.scale = nn.Parameter(torch.ones(max(1, classes), channels))
        self.shift = nn.Parameter(torch.zeros(max(1, classes), channels))

    def forward(self, x, labels, which):
        """Features [B, channels, H, W] of images with labels [B] (or None), by the statistics of set `which`."""
        rows = slice(0, 1) if labels is None else labels
        return torch.addcmul(self.shift[rows][..., None, None], self.norms[which](x), self.scale[rows][..., None, None])
