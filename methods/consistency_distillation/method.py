"""Consistency distillation (Song et al. 2023, Algorithm 2): jump to the start of the teacher's trajectory."""

import torch

from fewstep.diffusion.consistency import DISTANCES, sample_consistency
from fewstep.diffusion.editing import edit_consistency
from fewstep.diffusion.preconditioning import ConsistencyFunction, add_noise
from fewstep.diffusion.schedules import karras_grid
from fewstep.ema import EMA
from fewstep.nets.unet import unet_for
from fewstep.training import optimise, set_learning_rate

sample = sample_consistency
edit = edit_consistency


def build(recipe, shape):
    """The consistency function f(x, t, labels)."""
    return ConsistencyFunction(unet_for(recipe["network"], shape))


def train(run):
    """Match f at neighbouring points of the teacher's ODE; returns the averaged weights."""
    settings, teacher = run.settings, run.teacher
    student = build(run.recipe, run.shape).to(run.device)
    student.net.load_state_dict(teacher.net.state_dict())
    target, ema = EMA(student), EMA(student)
    optimizer = torch.optim.RAdam(student.parameters(), lr=settings["learning_rate"])
    grid = karras_grid(settings["levels"]).float().to(run.device)

    def step(batch, k):
        set_learning_rate(optimizer, settings["learning_rate"], k, settings)
        loss = distillation_loss(student, target.model, teacher, batch, grid, DISTANCES[settings["distance"]])
        optimise(loss, optimizer)
        target.update(student, settings["target_decay"])
        ema.update(student, settings["ema_decay"])
        return {"loss": loss}

    run.fit(step, {"student": student, "target": target, "ema": ema, "optimizer": optimizer})
    return ema.model


def distillation_loss(student, target, teacher, batch, grid, distance):
    """d(f(x_t, t), f_target(x_s, s)): t and s are neighbours on the grid, x_s one Heun step of the teacher from x_t."""
    i = batch.integers(len(grid) - 1)
    t, s = grid[i], grid[i + 1]
    noisy = add_noise(batch.images, batch.normal(), t)
    with torch.no_grad():
        goal = target(heun_step(teacher, noisy, t, s, batch.labels), s, batch.labels)
    return distance(student(noisy, t, batch.labels), goal).mean()


def heun_step(teacher, x, t, s, labels):
    """One Heun step of dx/dt = (x - D(x; t)) / t from t to s, both [B]; two evaluations of the teacher."""
    wide_t, wide_s = t.reshape(-1, 1, 1, 1), s.reshape(-1, 1, 1, 1)
    slope = (x - teacher(x, t, labels)) / wide_t
    moved = x + (wide_s - wide_t) * slope
    corrected = (moved - teacher(moved, s, labels)) / wide_s
    return x + (wide_s - wide_t) * (slope + corrected) / 2
