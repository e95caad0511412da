"""Multistep solvers of the diffusers library, driven over EDM's noise levels.

Its schedulers hold the variance-preserving state x / sqrt(1 + sigma^2). For a solver of the estimate of x0 that is a
change of units and no other trajectory.
"""

from itertools import pairwise

import torch


def solve(denoise, x, levels, solver):
    """Solve the probability-flow ODE by DPM-Solver++(2M) or UniPC, one evaluation per level.

    Args:
        denoise: estimate of x0 from (x, sigma).
        x: state at levels[0], [B, C, H, W] float64.
        levels: decreasing noise levels; a final 0 is implied, and reached by a step of first order.
        solver: "dpm_solver" or "unipc".
    """
    scheduler = SCHEDULERS[solver]()
    # In place of set_timesteps(), which knows the levels of discrete schedules alone.
    scheduler.num_inference_steps, scheduler.timesteps = len(levels), torch.arange(len(levels))
    scheduler.sigmas = torch.cat([levels, levels.new_zeros(1)])
    scheduler.set_begin_index(0)
    for i, (sigma, following) in enumerate(pairwise(scheduler.sigmas.tolist())):
        moved = scheduler.step(denoise(x, sigma), i, x / (1 + sigma**2) ** 0.5).prev_sample
        x = moved * (1 + following**2) ** 0.5
    return x


def dpm_solver():
    """DPM-Solver++(2M) (Lu et al. 2022): second order, the slope from the last two estimates of x0."""
    from diffusers import DPMSolverMultistepScheduler  # 1 s; the other samplers do without

    return DPMSolverMultistepScheduler(solver_order=2, algorithm_type="dpmsolver++", prediction_type="sample")


def unipc():
    """UniPC (Zhao et al. 2023) with B_2(h) and order 2; see the README on order 3."""
    from diffusers import UniPCMultistepScheduler

    return UniPCMultistepScheduler(solver_order=2, solver_type="bh2", prediction_type="sample")


SCHEDULERS = {"dpm_solver": dpm_solver, "unipc": unipc}
