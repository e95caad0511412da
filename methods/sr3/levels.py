"""Noise levels gamma of SR3 (Saharia et al. 2021): y = sqrt(gamma) y_0 + sqrt(1 - gamma) eps; 1 is no noise."""

from functools import cache

import torch

TRAINING_STEPS = 2000
TRAINING_BETAS = (1e-6, 1e-2)  # linear; the paper prints none, these are of its sister paper Palette


def training_levels():
    """gamma_0 = 1 down to gamma_2000 = 4.4e-5, float64 [2001]."""
    betas = torch.linspace(*TRAINING_BETAS, TRAINING_STEPS, dtype=torch.float64)
    return torch.cat([torch.ones(1, dtype=torch.float64), (1 - betas).cumprod(0)])


LEVELS = training_levels()


def draw_levels(batch):
    """One level per image, float64 [B]: t uniform in 1..T, then gamma uniform in (gamma_t, gamma_{t-1})."""
    t = 1 + batch.integers(TRAINING_STEPS).cpu()
    share = torch.rand(len(t), generator=batch.generator, dtype=torch.float64)
    return (LEVELS[t] + share * (LEVELS[t - 1] - LEVELS[t])).to(batch.images.device)


@cache
def inference_levels(steps, family, first):
    """gamma_1 > ... > gamma_N of a schedule for sampling in N steps, float64 [N]; gamma_N is that of training.

    Its betas go from `first` to whatever gives this gamma_N, in even steps (`linear`) or in even ratios (`log_linear`).
    """
    low, high = first, 1.0
    for _ in range(200):  # bisection: the product of 1 - beta falls with the last beta
        last = (low + high) / 2
        levels = (1 - betas(steps, family, first, last)).cumprod(0)
        low, high = (last, high) if levels[-1] > LEVELS[-1] else (low, last)
    return levels


def betas(steps, family, first, last):
    """`steps` betas from `first` to `last`, of one step `last` alone, float64."""
    share = torch.linspace(0, 1, steps, dtype=torch.float64) if steps > 1 else torch.ones(1, dtype=torch.float64)
    return first + share * (last - first) if family == "linear" else first * (last / first) ** share
