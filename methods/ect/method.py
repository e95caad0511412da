"""Easy consistency tuning (Geng et al. 2024): fine-tune a trained diffusion model into a consistency model."""

import torch

from fewstep.diffusion.consistency import pseudo_huber, same_dropout, sample_consistency
from fewstep.diffusion.editing import edit_consistency
from fewstep.diffusion.preconditioning import ConsistencyFunction, add_noise
from fewstep.nets.unet import unet_for
from fewstep.training.loop import minimise

sample = sample_consistency
edit = edit_consistency


def build(recipe, shape):
    """The consistency function f(x, t, labels); see the README on the boundary."""
    return ConsistencyFunction(unet_for(recipe["network"], shape), boundary=0.0)


def train(run):
    """Start from the diffusion model and tighten r towards t stage by stage; returns the averaged weights."""
    settings = run.settings
    model = build(run.recipe, run.shape).to(run.device)
    model.net.load_state_dict(run.teacher.net.state_dict())

    def loss(model, batch, k):
        return tuning_loss(model, batch, k * settings["stages"] // run.steps, settings, run.seed + k)

    return minimise(run, model, loss, torch.optim.RAdam)


def tuning_loss(model, batch, stage, settings, seed):
    """|f(x0 + t z, t) - f(x0 + r z, r)| / (t - r), ln t normal; where r is 0 the target is x0 (a diffusion loss)."""
    t = (settings["log_sigma_mean"] + settings["log_sigma_std"] * batch.normals()).exp()
    r = target_level(t, stage, settings["q"], settings["k"], settings["b"])
    noise = batch.normal()
    same_dropout(seed)
    output = model(add_noise(batch.images, noise, t), t, batch.labels)
    same_dropout(seed)
    with torch.no_grad():
        # The network is not defined at level 0 (ln 0): evaluate at a safe level there, and take the image itself.
        safe = torch.where(r > 0, r, t)
        goal = model(add_noise(batch.images, noise, safe), safe, batch.labels)
        goal = torch.where((r > 0).reshape(-1, 1, 1, 1), goal, batch.images)
    return (pseudo_huber(output, goal, c=settings["huber_c"]) / (t - r)).mean()


def target_level(t, stage, q, k, b):
    """r(t) = t max(0, 1 - n(t) / q^(stage + 1)), n(t) = 1 + k sigmoid(-b t)."""
    n = 1 + k * torch.sigmoid(-b * t)
    return t * (1 - n / q ** (stage + 1)).clamp(min=0)
