"""Consistency training: consistency models in isolation, without a teacher.

Two recipes: the paper's (Song et al. 2023, Algorithm 3) and the improved one (Song & Dhariwal 2023).
"""

import torch

from fewstep.diffusion.consistency import DISTANCES, same_dropout, sample_consistency
from fewstep.diffusion.editing import edit_consistency
from fewstep.diffusion.preconditioning import ConsistencyFunction, add_noise
from fewstep.diffusion.schedules import (
    consistency_levels,
    consistency_target_decay,
    improved_levels,
    karras_grid,
    lognormal_bins,
)
from fewstep.nets.unet import unet_for
from fewstep.training.ema import EMA
from fewstep.training.loop import optimise, set_learning_rate

sample = sample_consistency
edit = edit_consistency


def build(recipe, shape):
    """The consistency function f(x, t, labels)."""
    return ConsistencyFunction(unet_for(recipe["network"], shape))


def train(run):
    """Match f at two levels of the same image and noise; returns the averaged weights."""
    settings = run.settings
    improved = settings["algorithm"] == "improved"
    model = build(run.recipe, run.shape).to(run.device)
    ema, target = EMA(model), None if improved else EMA(model)
    optimizer = torch.optim.RAdam(model.parameters(), lr=settings["learning_rate"])

    def step(batch, k):
        set_learning_rate(optimizer, settings["learning_rate"], k, settings)
        if improved:
            levels = improved_levels(k, run.steps, settings["s0"], settings["s1"])
            loss = improved_loss(model, batch, levels, settings, run.seed + k)
        else:
            levels = consistency_levels(k, run.steps, settings["s0"], settings["s1"])
            loss = paper_loss(model, target.model, batch, levels, DISTANCES[settings["distance"]])
        optimise(loss, optimizer)
        if target:
            target.update(model, consistency_target_decay(levels, settings["s0"], settings["mu0"]))
        ema.update(model, settings["ema_decay"])
        return {"loss": loss, "levels": torch.tensor(float(levels))}

    state = {"model": model, "ema": ema, "optimizer": optimizer} | ({"target": target} if target else {})
    run.fit(step, state)
    return ema.model


def paper_loss(model, target, batch, levels, distance):
    """d(f(x0 + t z, t), f_target(x0 + s z, s)), t and s neighbours on the grid of N(k) levels, indices uniform."""
    grid = karras_grid(levels).float().to(batch.images.device)
    i, noise = batch.integers(levels - 1), batch.normal()
    t, s = grid[i], grid[i + 1]
    with torch.no_grad():
        goal = target(add_noise(batch.images, noise, s), s, batch.labels)
    return distance(model(add_noise(batch.images, noise, t), t, batch.labels), goal).mean()


def improved_loss(model, batch, levels, settings, seed):
    """Pseudo-Huber loss weighted by 1 / (t - s), lognormal indices, and the model itself (no average) as the target."""
    grid = karras_grid(levels).float().to(batch.images.device)
    bins = lognormal_bins(grid, settings["log_sigma_mean"], settings["log_sigma_std"])
    i, noise = batch.choose(bins), batch.normal()
    t, s = grid[i], grid[i + 1]
    same_dropout(seed)
    output = model(add_noise(batch.images, noise, t), t, batch.labels)
    same_dropout(seed)
    with torch.no_grad():
        goal = model(add_noise(batch.images, noise, s), s, batch.labels)
    return (DISTANCES["pseudo_huber"](output, goal) / (t - s)).mean()
