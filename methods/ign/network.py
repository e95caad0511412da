"""The network f of IGN: a DCGAN auto-encoder whose batch norms keep statistics of noise and of images apart."""

import torch
from torch import nn

from fewstep.nets.batch_norm import measuring

from .sources import SOURCES


class IdempotentNetwork(nn.Module):
    """f: images to images through a bottleneck without skips, together with the noise that it was trained to map.

    Args:
        shape: of the images.
        channels: width after each halving of the resolution.
        latent: width of the bottleneck, which has no extent.
        source: "gaussian" or "frequency".
    """

    def __init__(self, shape, channels, latent, source):
        super().__init__()
        sides = [(shape.height, shape.width)]
        for _ in channels:
            sides.append(tuple((side + 1) // 2 for side in sides[-1]))
        widths = [shape.channels, *channels]
        self.source = SOURCES[source](shape)
        self.layers = nn.ModuleList(
            [
                *encoder_layers(widths, sides),
                nn.Conv2d(widths[-1], latent, sides[-1]),
                nn.ConvTranspose2d(latent, widths[-1], sides[-1]),
                *decoder_layers(widths[::-1], sides[::-1]),
                nn.Tanh(),
            ]
        )
        self.apply(init_dcgan)

    def forward(self, x, of_noise=False):
        """f(x) for x [B, C, H, W]; values in [-1, 1].

        Args:
            of_noise: whether x is noise of the source, and not data, degraded data or an image that f made.
        """
        for layer in self.layers:
            x = layer(x, of_noise) if isinstance(layer, RoleNorm) else layer(x)
        return x


class RoleNorm(nn.Module):
    """Batch normalisation with one scale and shift, and statistics for each role of the input.

    In training a batch is normalised by its own statistics: inside of f, noise becomes as varied as data, channel by
    channel, and that keeps it from collapsing. Sampled with running statistics of both together, f maps neither well.
    """

    def __init__(self, channels):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        self.images, self.noise = (nn.BatchNorm2d(channels, affine=False) for _ in range(2))

    def forward(self, x, of_noise):
        normalised = self.noise(x) if of_noise else self.images(x)
        return torch.addcmul(self.bias[:, None, None], normalised, self.weight[:, None, None])


def encoder_layers(widths, sides):
    """Strided convolutions with leaky ReLU; every one but the first is batch-normalised."""
    for stage, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        yield nn.Conv2d(inputs, outputs, kernel(sides[stage]), stride=2, padding=1)
        if stage:
            yield RoleNorm(outputs)
        yield nn.LeakyReLU(0.2)


def decoder_layers(widths, sides):
    """The encoder mirrored: each transposed convolution follows a batch-normalised ReLU."""
    for stage, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        yield RoleNorm(inputs)
        yield nn.ReLU()
        yield nn.ConvTranspose2d(inputs, outputs, kernel(sides[stage + 1]), stride=2, padding=1)


def kernel(sides):
    """Four pixels along even sides and three along odd ones: down halves (rounding up), and back up is exact."""
    return tuple(4 - side % 2 for side in sides)


def init_dcgan(layer):
    """Weights N(0, 0.02^2) and no bias, as DCGAN starts."""
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, 0.0, 0.02)
        nn.init.zeros_(layer.bias)


def recompute_statistics(model, batches):
    """Set the statistics of the batch norms to plain means over `batches` of (images, z) and over the images f(z)."""
    with measuring(model):
        for images, z in batches:
            model(images)
            model(model(z, of_noise=True))
