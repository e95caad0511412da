"""The cosine schedule in continuous time, and the solver that follows it.

At time t in [0, 1] an image keeps the share gamma(t) = cos^2(pi t / 2) of its variance (Nichol & Dhariwal 2021, without
their offset). States are held unscaled, as x0 + sigma z with sigma(t) = sqrt((1 - gamma) / gamma) = tan(pi t / 2).
"""

import math
from itertools import pairwise

import torch

# Of training, and the start of sampling. gamma(T_MAX) = 6e-5, where sigma is 127; gamma(T_MIN) > 0.99999.
T_MIN, T_MAX = 0.001, 0.995


def sigma_of(t):
    """Noise over signal at times t, a tensor of values in [0, 1)."""
    return torch.tan(t * (math.pi / 2))


def noised(x0, t, noise):
    """sqrt(gamma) x0 + sqrt(1 - gamma) z: images [B, C, H, W] carried to times t [B]; t = 0 leaves them as they are."""
    angle = t.reshape(-1, 1, 1, 1) * (math.pi / 2)
    return angle.cos() * x0 + angle.sin() * noise


def grid(steps, end=0.0):
    """Levels of `steps` evaluations at even times from T_MAX, and the one at time `end`: float64 [steps + 1]."""
    return sigma_of(torch.linspace(T_MAX, end, steps + 1, dtype=torch.float64))


def solve(denoise, x, levels):
    """Follow the probability-flow ODE by DPM-Solver++(2M) (Lu et al. 2022), one evaluation for each step.

    Args:
        denoise: estimate of x0 from (x, sigma).
        x: state at levels[0], [B, C, H, W] float64.
        levels: decreasing noise levels. The first step and one to level 0 are of first order; the others extrapolate
            the estimates of x0 at the last two levels, linearly in ln sigma.
    """
    last = rise = None
    for sigma, following in pairwise(levels.tolist()):
        estimate = denoise(x, sigma)
        slope = 0.0
        if following > 0:
            fall = math.log(sigma / following)
            if last is not None:
                slope = (estimate - last) * (fall / (2 * rise))
            last, rise = estimate, fall
        x = estimate + slope + (following / sigma) * (x - estimate - slope)
    return x
