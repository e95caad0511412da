"""Samplers of diffusion models. State in float64, network in float32, as in the EDM reference.

`denoise(x, sigma) -> x0 estimate` already holds the model and the labels; `noise(i) -> standard normal` gives the noise
of step i, image by image, so that a result does not depend on how images are batched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

Denoise = Callable[[Tensor, float], Tensor]
StepNoise = Callable[[int], Tensor]


@dataclass(frozen=True)
class Churn:
    """Stochasticity of EDM's Algorithm 2: how much noise is added back, where, and how much it is inflated."""

    amount: float = 0.0
    low: float = 0.0
    high: float = float("inf")
    inflation: float = 1.0

    def factor(self, sigma: float, steps: int) -> float:
        """gamma_i: the relative rise of the noise level before step i."""
        return min(self.amount / steps, 2**0.5 - 1) if self.low <= sigma <= self.high else 0.0


def euler(denoise: Denoise, x: Tensor, levels: Tensor) -> Tensor:
    """First-order solution of the probability-flow ODE, one evaluation per level (Karras et al. 2022, eq. 3).

    Args:
        denoise: estimate of x0 from (x, sigma).
        x: state at levels[0], [B, C, H, W] float64.
        levels: decreasing noise levels; a final 0 is implied.
    """
    for sigma, following in zip(levels.tolist(), [*levels.tolist()[1:], 0.0], strict=True):
        x = x + (following - sigma) * (x - denoise(x, sigma)) / sigma
    return x


def heun(
    denoise: Denoise, x: Tensor, levels: Tensor, churn: Churn | None = None, noise: StepNoise | None = None
) -> Tensor:
    """Second-order solution, 2N - 1 evaluations for N levels (Karras et al. 2022, Algorithms 1 and 2).

    With `churn`, noise is added before each step (Algorithm 2), which needs `noise`; without, it is deterministic.
    """
    steps = len(levels)
    for i, (sigma, following) in enumerate(zip(levels.tolist(), [*levels.tolist()[1:], 0.0], strict=True)):
        gamma = churn.factor(sigma, steps) if churn else 0.0
        raised = sigma * (1 + gamma)
        if gamma:
            x = x + (raised**2 - sigma**2) ** 0.5 * churn.inflation * noise(i)
        slope = (x - denoise(x, raised)) / raised
        moved = x + (following - raised) * slope
        if following > 0:
            corrected = (moved - denoise(moved, following)) / following
            moved = x + (following - raised) * (slope + corrected) / 2
        x = moved
    return x


def ddim(
    predict_noise: Callable[[Tensor, int], Tensor],
    x: Tensor,
    alpha_bar: Tensor,
    steps: Sequence[int],
    noise: StepNoise | None = None,
    eta: float = 0.0,
    clip: bool = False,
    large_variance: bool = False,
) -> Tensor:
    """DDIM and DDPM-ancestral sampling, one evaluation per step (Song et al. 2021, eq. 12; Ho et al. 2020, eq. 11).

    Args:
        predict_noise: estimate of eps from (x_t, t).
        x: state at steps[0], [B, C, H, W] float64, variance preserving.
        alpha_bar: cumulated products, [T].
        steps: decreasing steps t.
        noise: standard normal of step i; needed unless eta is 0.
        eta: 0 deterministic, 1 the variance of DDPM's posterior.
        clip: clip the estimate of x0 to [-1, 1], and take the noise that goes with the clipped one. At the noisiest
            steps an error of eps is multiplied by up to 160 in x0; without clipping it stays in the state.
        large_variance: DDPM's ancestral sampler: "fixedlarge" beta_t instead of the posterior variance, always clipped,
            as in its code (eta is then ignored).
    """
    levels = [*alpha_bar[list(steps)].tolist(), 1.0]
    for i, (t, now, then) in enumerate(zip(steps, levels, levels[1:], strict=False)):
        eps = predict_noise(x, t)
        x0 = (x - (1 - now) ** 0.5 * eps) / now**0.5
        if large_variance:
            x = _posterior_step(x, x0.clamp(-1, 1), now, then, noise, i)
            continue
        if clip:
            x0 = x0.clamp(-1, 1)
            eps = (x - now**0.5 * x0) / (1 - now) ** 0.5
        spread = eta * ((1 - then) / (1 - now)) ** 0.5 * (1 - now / then) ** 0.5
        x = then**0.5 * x0 + max(0.0, 1 - then - spread**2) ** 0.5 * eps
        if spread:
            x = x + spread * noise(i)
    return x


def _posterior_step(x: Tensor, x0: Tensor, now: float, then: float, noise: StepNoise, i: int) -> Tensor:
    """Mean of q(x_then | x_now, x0) plus noise of variance 1 - now/then (beta_t when no step is skipped)."""
    beta = 1 - now / then
    mean = (then**0.5 * beta * x0 + (now / then) ** 0.5 * (1 - then) * x) / (1 - now)
    return mean + beta**0.5 * noise(i) if then < 1 else mean


def multistep_consistency(
    f: Denoise, x: Tensor, levels: Sequence[float], noise: StepNoise, floor: float = 0.0, clip: bool = True
) -> Tensor:
    """One- and multistep consistency sampling (Song et al. 2023, Algorithm 1), one evaluation per level.

    Args:
        f: consistency function (x_t, t) -> x0.
        x: initial noise times levels[0].
        levels: decreasing times; the first one is the largest noise level.
        noise: standard normal of step i >= 1.
        floor: eps of sqrt(t^2 - eps^2); 0.002 in the paper, 0 in ECT.
        clip: clip the estimate to [-1, 1] before it is noised again, as the authors' code does; ECT does not.
    """
    estimate = f(x, levels[0])
    for i, level in enumerate(levels[1:], start=1):
        estimate = estimate.clamp(-1, 1) if clip else estimate
        estimate = f(estimate + (level**2 - floor**2) ** 0.5 * noise(i), level)
    return estimate


def initial_state(noise: Tensor, sigma: float) -> Tensor:
    """Standard normal noise scaled to level sigma, in float64."""
    return noise.to(torch.float64) * sigma
