"""Editing by models of EDM's noise levels: consistency functions (Song et al. 2023, Algorithm 4) and denoisers.

Nothing is trained for it. What is known of the image is put back after every evaluation.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from fewstep.contract.edit_tasks import EditTask
from fewstep.contract.method import SampleRequest
from fewstep.diffusion.preconditioning import SIGMA_MAX, as_batch
from fewstep.diffusion.schedules import karras_grid
from fewstep.diffusion.solvers import Denoise, initial_state


def edit_consistency(model: nn.Module, request: SampleRequest, task: EditTask) -> Tensor:
    """Edited images [B, C, H, W], float64, one evaluation per level.

    Noise of a known level is removed by one call at that level. Every other task goes from the largest of `edit_levels`
    down: clip the estimate, put back what is known, add the noise of the next level. Where nothing is known, this is
    multistep sampling, from the noise between two noises (interpolation) or around a painting (strokes).
    """

    def f(x: Tensor, level: float) -> Tensor:
        return model(x, as_batch(level, x), request.labels)

    if task.sigma is not None:
        return f(task.known, task.sigma)
    levels, floor = edit_levels(request), request.settings.get("floor", 0.0)
    estimate = f(start(request, task, levels[0]), levels[0])
    for i, level in enumerate(levels[1:], start=1):
        estimate = estimate.clamp(-1, 1) if request.settings.get("clip", True) else estimate
        noise = (level**2 - floor**2) ** 0.5 * request.step_noise(i)
        estimate = f(task.project(estimate) + noise, level)
    return task.fit(estimate)


def edit_levels(request: SampleRequest) -> Sequence[float]:
    """Levels of the evaluations, decreasing.

    The card's `sigma_max` and `sigma_min` are the first and the last one, with Karras et al.'s grid between them, as
    Song et al. have it; without them they are those of plain sampling, SIGMA_MAX and `times`.
    """
    settings = request.settings
    if "sigma_max" in settings:
        return karras_grid(request.nfe, settings["sigma_min"], settings["sigma_max"]).tolist()
    return [SIGMA_MAX, *settings["times"][request.nfe]]


def start(request: SampleRequest, task: EditTask, sigma: float) -> Tensor:
    """The first state, float64: noise of level sigma around what is given.

    Of an input with a constraint only what it knows is taken: A^-1 [(A y) (1 - Omega)].
    """
    state = initial_state(between(request, task.shares), sigma)
    if task.known is None:
        return state
    given = task.known if task.constraint is None else task.project(torch.zeros_like(task.known))
    return given + state


def between(request: SampleRequest, shares: Tensor | None, shape: Sequence[int] | None = None) -> Tensor:
    """Noise of the request or, with `shares`, the point at that share of the great circle to its other noise."""
    first = request.noise(shape=shape)
    return first if shares is None else slerp(first, request.noise("other", shape), shares)


def slerp(a: Tensor, b: Tensor, shares: Tensor) -> Tensor:
    """Spherical interpolation of a and b, image by image: [sin((1 - s) psi) a + sin(s psi) b] / sin(psi).

    Between parallel a and b, where the formula has 0/0, it is linear.
    """
    flat_a, flat_b = a.flatten(1).double(), b.flatten(1).double()
    angle = torch.nn.functional.cosine_similarity(flat_a, flat_b).clamp(-1, 1).arccos()
    parallel = angle.sin() < 1e-6
    near, far = (torch.where(parallel, s, (s * angle).sin() / angle.sin()) for s in (1 - shares, shares))
    return (near[:, None] * flat_a + far[:, None] * flat_b).reshape(a.shape)


def keeping(denoise: Denoise, task: EditTask) -> Denoise:
    """A denoiser whose estimates have what is known of the image.

    A solver of the probability-flow ODE then moves the known coordinates along y + sigma z: at every step they are
    replaced by the known ones with noise (Song et al. 2021, arXiv:2011.13456, appendix I), down to y at level 0.
    """
    return lambda x, sigma: task.project(denoise(x, sigma))
