"""DDPM (Ho et al. 2020) with its ancestral sampler, and DDIM (Song et al. 2021) on the same network."""

import torch

from fewstep.diffusion.preconditioning import NoisePredictor, per_image_mean
from fewstep.diffusion.schedules import alpha_bars, strided_steps
from fewstep.diffusion.solvers import ddim
from fewstep.nets.unet import unet_for
from fewstep.training.loop import minimise

STEPS = 1000  # T of the forward process


def build(recipe, shape):
    """The epsilon-predicting U-Net on T = 1000 steps of a linear beta schedule."""
    return NoisePredictor(unet_for(recipe["network"], shape), alpha_bars(STEPS))


def train(run):
    """The simple loss |eps - eps_theta|^2 at uniform steps (eq. 14); returns the averaged weights."""
    return minimise(run, build(run.recipe, run.shape).to(run.device), simple_loss, clip=1.0)


def simple_loss(model, batch, k):
    """Mean squared error of the predicted noise, mean over pixels and batch."""
    t, noise = batch.integers(STEPS), batch.normal()
    kept = model.alpha_bar[t].float().reshape(-1, 1, 1, 1)
    noisy = kept.sqrt() * batch.images + (1 - kept).sqrt() * noise
    return per_image_mean((model(noisy, t, batch.labels) - noise) ** 2).mean()


def sample(model, request):
    """`solver: ancestral` (variance beta_t, "fixedlarge") or `ddim` with its `eta`, on evenly spaced steps."""
    state = request.noise().double()

    def predict_noise(x, t):
        return model(x, torch.full((len(x),), t, device=x.device), request.labels)

    settings, steps = request.settings, strided_steps(STEPS, request.nfe)
    if settings["solver"] == "ancestral":
        return ddim(predict_noise, state, model.alpha_bar, steps, request.step_noise, large_variance=True)
    return ddim(predict_noise, state, model.alpha_bar, steps, request.step_noise, settings["eta"], settings["clip"])
