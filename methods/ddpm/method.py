"""DDPM (Ho et al. 2020) with its ancestral sampler, and DDIM (Song et al. 2021) on the same network."""

import torch

from fewstep.diffusion.preconditioning import NoisePredictor, per_image_mean
from fewstep.diffusion.schedules import alpha_bars, strided_steps
from fewstep.diffusion.solvers import ddim
from fewstep.ema import EMA, half_life_decay
from fewstep.nets.unet import unet_for
from fewstep.training import optimise, set_learning_rate

STEPS = 1000  # T of the forward process


def build(recipe, shape):
    """The epsilon-predicting U-Net on T = 1000 steps of a linear beta schedule."""
    return NoisePredictor(unet_for(recipe["network"], shape), alpha_bars(STEPS))


def train(run):
    """The simple loss |eps - eps_theta|^2 at uniform steps (eq. 14); returns the averaged weights."""
    settings = run.settings
    model = build(run.recipe, run.shape).to(run.device)
    ema = EMA(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"], fused=True)

    def step(batch, k):
        set_learning_rate(optimizer, settings["learning_rate"], k, settings)
        loss = simple_loss(model, batch)
        optimise(loss, optimizer, clip=1.0)
        ema.update(model, half_life_decay(settings["ema_half_life_images"], run.batch_size, k * run.batch_size))
        return {"loss": loss}

    run.fit(step, {"model": model, "ema": ema, "optimizer": optimizer})
    return ema.model


def simple_loss(model, batch):
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
