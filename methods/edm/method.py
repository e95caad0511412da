"""EDM (Karras et al. 2022): a diffusion model with preconditioning, and the teacher of the distilled methods."""

from fewstep.diffusion.editing import keeping, start
from fewstep.diffusion.preconditioning import SIGMA_MAX, Denoiser, add_noise, as_batch, per_image_mean
from fewstep.diffusion.schedules import karras_grid
from fewstep.diffusion.solvers import Churn, euler, heun, initial_state
from fewstep.nets.unet import unet_for
from fewstep.training.loop import minimise

from .multistep import SCHEDULERS, solve


def build(recipe, shape):
    """The preconditioned U-Net D(x, sigma, labels)."""
    return Denoiser(unet_for(recipe["network"], shape))


def train(run):
    """Denoising loss with lognormal noise levels (section 5); returns the averaged weights."""
    model = build(run.recipe, run.shape).to(run.device)
    return minimise(run, model, lambda model, batch, k: denoising_loss(model, batch, run.settings))


def denoising_loss(model, batch, settings):
    """lambda(s) |D(x0 + s z; s) - x0|^2 with ln s normal and lambda = 1 / c_out^2, mean over pixels and batch."""
    sigma = (settings["log_sigma_mean"] + settings["log_sigma_std"] * batch.normals()).exp()
    denoised = model(add_noise(batch.images, batch.normal(), sigma), sigma, batch.labels)
    _, c_out = model.scalings(sigma)
    return (per_image_mean((denoised - batch.images) ** 2) / c_out**2).mean()


def sample(model, request):
    """Solve the probability-flow ODE: Euler and multistep solvers cost N evaluations, Heun (also with churn) 2N - 1."""
    return solved(denoiser(model, request), initial_state(request.noise(), SIGMA_MAX), SIGMA_MAX, request)


def edit(model, request, task):
    """Solve it with what is known of the image replaced at every step; around a painting this is SDEdit."""
    if task.sigma is not None:
        state, level = task.known, task.sigma
    else:
        level = request.settings.get("sigma_max", SIGMA_MAX)
        state = start(request, task, level)
    return task.fit(solved(keeping(denoiser(model, request), task), state, level, request))


def denoiser(model, request):
    """D(x, sigma) with the labels of the request."""
    return lambda x, sigma: model(x, as_batch(sigma, x), request.labels)


def solved(denoise, state, level, request):
    """The end of the trajectory through `state` at `level`, by the variant's solver in the request's evaluations."""
    settings = request.settings
    if settings["solver"] == "euler":
        return euler(denoise, state, karras_grid(request.nfe, sigma_max=level))
    if settings["solver"] in SCHEDULERS:
        return solve(denoise, state, karras_grid(request.nfe, sigma_max=level), settings["solver"])
    churn = Churn(**settings["churn"]) if "churn" in settings else None
    return heun(denoise, state, karras_grid((request.nfe + 1) // 2, sigma_max=level), churn, request.step_noise)
