"""The critic: a denoiser of what the generator makes and, in DMD2, a discriminator on that denoiser's encoder."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch.nn.functional as F
from torch import Tensor, nn

from fewstep.diffusion.preconditioning import Denoiser
from fewstep.nets.unet import group_norm


class Critic(nn.Module):
    """mu_fake of the papers, called as critic(x [B, C, H, W], sigma [B], labels [B] or None) for an estimate of x0.

    Args:
        denoiser: starts as a copy of the teacher.
        head: from the encoder's features to logits; only DMD2 has one.
    """

    def __init__(self, denoiser: Denoiser, head: nn.Module | None = None):
        super().__init__()
        self.denoiser, self.head = denoiser, head

    def forward(self, x: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.denoiser(x, sigma, labels)

    def logits(self, x: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        """How real the noised images look, [B]; high is real."""
        return self.head(encode(self.denoiser, x, sigma, labels))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Gradients of what is computed inside reach the input but not the weights."""
        self.requires_grad_(False)
        try:
            yield
        finally:
            self.requires_grad_(True)


class Head(nn.Sequential):
    """Features [B, channels, side, side] to logits [B]: halved while larger than 4, then one convolution over the rest.

    Args:
        channels: of the features, and inside.
        side: of the features, in pixels.
    """

    def __init__(self, channels: int, side: int):
        layers: list[nn.Module] = []
        while side > 4:
            layers += [nn.Conv2d(channels, channels, 4, stride=2, padding=1), group_norm(channels), nn.SiLU()]
            side //= 2
        layers += [nn.Conv2d(channels, channels, side), group_norm(channels), nn.SiLU()]
        super().__init__(*layers, nn.Conv2d(channels, 1, 1), nn.Flatten(0))


def encode(denoiser: Denoiser, x: Tensor, sigma: Tensor, labels: Tensor | None) -> Tensor:
    """What the encoder inside denoiser(x, sigma, labels) hands to the middle of the U-Net; the decoder is not run."""
    net, level = denoiser.net, sigma.reshape(-1, 1, 1, 1)
    embedding = net.embed(sigma.log() / 4, labels)
    x = net.stem(F.pixel_unshuffle(x / (level**2 + denoiser.sigma_data**2).sqrt(), net.patch))
    for layer in net.down:
        x = layer(x, embedding)
    return x
