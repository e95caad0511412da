"""Grids of noise levels, the beta schedule of DDPM, and the curricula of consistency training."""

import math

import torch
from torch import Tensor

from fewstep.diffusion.preconditioning import SIGMA_MAX, SIGMA_MIN


def karras_grid(count: int, sigma_min: float = SIGMA_MIN, sigma_max: float = SIGMA_MAX, rho: float = 7.0) -> Tensor:
    """`count` decreasing levels from sigma_max to sigma_min, float64 [count] (Karras et al. 2022, eq. 5).

    A grid of one level is [sigma_max].
    """
    ramp = torch.linspace(0, 1, count, dtype=torch.float64)
    return (sigma_max ** (1 / rho) + ramp * (sigma_min ** (1 / rho) - sigma_max ** (1 / rho))) ** rho


def beta_schedule(steps: int, first: float = 1e-4, last: float = 0.02) -> Tensor:
    """Linear betas of DDPM, float64 [steps] (Ho et al. 2020, section 4)."""
    return torch.linspace(first, last, steps, dtype=torch.float64)


def alpha_bars(steps: int) -> Tensor:
    """Cumulated products of 1 - beta, float64 [steps]."""
    return (1 - beta_schedule(steps)).cumprod(0)


def strided_steps(steps: int, count: int) -> list[int]:
    """`count` distinct, evenly spaced steps out of 0..steps-1, decreasing, the first one being steps-1.

    The stride of DDIM's reference code starts at step 0 and so never visits the noisiest step; it also gives more than
    `count` steps when `count` does not divide `steps`. Here `count` steps cost exactly `count` evaluations.
    """
    return [round((i + 1) * steps / count) - 1 for i in reversed(range(count))]


def consistency_levels(step: int, steps: int, s0: int, s1: int) -> int:
    """N(k) of consistency training (Song et al. 2023, appendix C): levels of the grid at training step k of K."""
    slope = (s1 + 1) ** 2 - s0**2
    return max(1, math.ceil(math.sqrt(step / steps * slope + s0**2) - 1)) + 1


def consistency_target_decay(levels: int, s0: int, mu0: float) -> float:
    """mu(k) = exp(s0 ln(mu0) / n) with n = N(k) - 1, as the authors' code has it (the paper prints N(k))."""
    return math.exp(s0 * math.log(mu0) / (levels - 1))


def improved_levels(step: int, steps: int, s0: int, s1: int) -> int:
    """N(k) of improved consistency training at step k of K: its intervals double by phases, from s0 to s1.

    N(k) = min(s0 2^floor(k / K'), s1) + 1 with phases of K' = floor(K / (log2(floor(s1 / s0)) + 1)) steps (Song &
    Dhariwal 2023, section 3.4).
    """
    phase = max(1, int(steps / (math.log2(s1 // s0) + 1)))
    if s0 * 2 ** ((steps - 1) // phase) < s1:
        # floor(s1 / s0) is a little below s1 / s0, as in (3, 7): the paper's phases end before s1, equal ones do not.
        phase = max(1, steps // (math.ceil(math.log2(s1 / s0)) + 1))
    return min(s0 * 2 ** (step // phase), s1) + 1


def lognormal_bins(levels: Tensor, mean: float, std: float) -> Tensor:
    """Probabilities [N-1] of a grid's pairs (i, i+1) under ln sigma ~ N(mean, std^2) (Song & Dhariwal 2023)."""
    cumulated = torch.erf((levels.log() - mean) / (math.sqrt(2) * std))
    mass = (cumulated[1:] - cumulated[:-1]).abs()
    return mass / mass.sum()
