"""Where the noise of IGN comes from: plain Gaussian noise, or noise with the spectrum of the data."""

import torch
from torch import nn


class Gaussian(nn.Module):
    """z ~ N(0, I)."""

    parts = 1

    def __init__(self, shape):
        super().__init__()

    def measure(self, images):
        """Nothing of the data is needed."""

    def forward(self, noise):
        """z [B, C, H, W] from standard normal noise [B, 1, C, H, W]."""
        return noise[:, 0]


class FrequencyMatched(nn.Module):
    """z = Re(ifft2(F)) with normal real and imaginary parts of F, whose means and deviations are the data's.

    The mean image is part of z. A spectrum without symmetry has an imaginary part to lose, and with it half the
    variance of the rest. The statistics are buffers, stored with the weights: sampling needs no data.
    """

    parts = 2

    def __init__(self, shape):
        super().__init__()
        # Until the data are measured: white noise of unit variance.
        self.register_buffer("mean", torch.zeros(2, *shape.chw))
        self.register_buffer("std", torch.full((2, *shape.chw), float(shape.height * shape.width) ** 0.5))

    def measure(self, images):
        """Take the statistics of the spectra of images [N, C, H, W]."""
        parts = torch.view_as_real(torch.fft.fft2(images)).movedim(-1, 1)
        self.mean.copy_(parts.mean(dim=0))
        self.std.copy_(parts.std(dim=0))

    def forward(self, noise):
        """z [B, C, H, W] from standard normal noise [B, 2, C, H, W], one each for real and imaginary parts."""
        real, imaginary = (self.mean + self.std * noise).unbind(1)
        return torch.fft.ifft2(torch.complex(real, imaginary)).real


SOURCES = {"gaussian": Gaussian, "frequency": FrequencyMatched}
