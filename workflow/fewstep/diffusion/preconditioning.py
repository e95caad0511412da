"""Preconditioning: how a raw network F becomes a denoiser D, in one place for every method.

Noise levels are EDM's sigma (variance-exploding time): x_sigma = x0 + sigma z, images in [-1, 1]. `Denoiser` and
`ConsistencyFunction` are called as `model(x [B, C, H, W], sigma [B], labels [B] or None)` and return an estimate of
x0, so that solvers, teachers and students are interchangeable. Counting the calls of a wrapper counts evaluations.
"""

import torch
from torch import Tensor, nn

SIGMA_MIN = 0.002  # smallest noise level of EDM and of consistency models
SIGMA_MAX = 80.0  # largest


class Denoiser(nn.Module):
    """EDM preconditioning (Karras et al. 2022, Table 1, column "Ours").

    D(x; s) = c_skip x + c_out F(c_in x; ln(s)/4, labels).
    """

    def __init__(self, net: nn.Module, sigma_data: float = 0.5):
        super().__init__()
        self.net = net
        self.sigma_data = sigma_data

    def scalings(self, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """c_skip and c_out at `sigma`; D(x; s) tends to x as s tends to 0."""
        variance = sigma**2 + self.sigma_data**2
        return self.sigma_data**2 / variance, sigma * self.sigma_data / variance.sqrt()

    def forward(self, x: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        # The skip sum stays in the precision of x (float64 inside the solvers); the network runs in float32.
        level = sigma.reshape(-1, 1, 1, 1).to(x.dtype)
        c_skip, c_out = self.scalings(level)
        c_in = 1 / (level**2 + self.sigma_data**2).sqrt()
        noise = sigma.double().log().div(4).float()
        return c_skip * x + c_out * self.net((c_in * x).float(), noise, labels).to(x.dtype)


class ConsistencyFunction(Denoiser):
    """Consistency parameterisation (Song et al. 2023, appendix C): f(x, SIGMA_MIN) = x exactly.

    c_skip = sd^2 / ((t - eps)^2 + sd^2), c_out = sd (t - eps) / sqrt(t^2 + sd^2); c_in and the network are those of
    EDM, so a student starts from its teacher's weights. `boundary` is eps: 0.002 in the paper; 0 gives EDM's own
    scalings (ECT's training).
    """

    def __init__(self, net: nn.Module, sigma_data: float = 0.5, boundary: float = SIGMA_MIN):
        super().__init__(net, sigma_data)
        self.boundary = boundary

    def scalings(self, sigma: Tensor) -> tuple[Tensor, Tensor]:
        shifted = sigma - self.boundary
        c_skip = self.sigma_data**2 / (shifted**2 + self.sigma_data**2)
        return c_skip, self.sigma_data * shifted / (sigma**2 + self.sigma_data**2).sqrt()


class NoisePredictor(nn.Module):
    """Epsilon-prediction in discrete time (Ho et al. 2020).

    x_t = sqrt(alpha_bar_t) x0 + sqrt(1 - alpha_bar_t) eps; `alpha_bar` [T] are the cumulated products of the schedule,
    and t [B] is in 0..T-1.
    """

    def __init__(self, net: nn.Module, alpha_bar: Tensor):
        super().__init__()
        self.net = net
        self.register_buffer("alpha_bar", alpha_bar.double(), persistent=False)

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        """Estimate of eps [B, C, H, W] in the precision of x."""
        return self.net(x.float(), t.float() / len(self.alpha_bar), labels).to(x.dtype)


def add_noise(x0: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
    """x0 + sigma z with sigma [B]."""
    return x0 + sigma.reshape(-1, 1, 1, 1) * noise


def per_image_mean(values: Tensor) -> Tensor:
    """Mean over all but the first dimension."""
    return values.flatten(1).mean(dim=1)


def as_batch(sigma: float, like: Tensor) -> Tensor:
    """The level `sigma` repeated for every image of `like`, in float64."""
    return torch.full((len(like),), sigma, dtype=torch.float64, device=like.device)
