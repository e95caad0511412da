"""Consistency distillation (Song et al. 2023, Algorithm 2): jump to the start of the teacher's trajectory."""

import torch

from fewstep.diffusion.consistency import DISTANCES, sample_consistency
from fewstep.diffusion.editing import edit_consistency
from fewstep.diffusion.preconditioning import ConsistencyFunction, add_noise
from fewstep.diffusion.schedules import karras_grid
from fewstep.nets.unet import unet_for
from fewstep.training.ema import EMA
from fewstep.training.loop import optimise, set_learning_rate

sample = sample_consistency
edit = edit_consistency


def build(recipe, shape):
    """The consistency function f(x, t, labels)."""
    return ConsistencyFunction(unet_for(recipe["network"], shape))


def train(run):
    """Match f at neighbouring points of the teacher's ODE; returns the averaged weights."""
    settings, teacher = run.settings, run.teacher
    student = build(run.recipe, run.shape).to(run.device)
    if run.start is None:
        student.net.load_state_dict(teacher.net.state_dict())
    else:
        student.load_state_dict(run.start.state_dict())
    target, ema = EMA(student), EMA(student)
    optimizer = torch.optim.RAdam(student.parameters(), lr=settings["learning_rate"])
    stride, distance = settings["substeps"], DISTANCES[settings["distance"]]
    grid = karras_grid((settings["levels"] - 1) * stride + 1).float().to(run.device)

    def step(batch, k):
        set_learning_rate(optimizer, settings["learning_rate"], k, settings)
        loss = distillation_loss(student, target.model, teacher, batch, grid, distance, stride)
        optimise(loss, optimizer)
        target.update(student, settings["target_decay"])
        ema.update(student, settings["ema_decay"])
        return {"loss": loss}

    run.fit(step, {"student": student, "target": target, "ema": ema, "optimizer": optimizer})
    return ema.model


def distillation_loss(student, target, teacher, batch, grid, distance, stride=1):
    """d(f(x_t, t), f_target(x_s, s)) for neighbouring levels t and s.

    Every stride-th level of the grid is the student's; from x_t to x_s the teacher takes `stride` Heun steps.
    """
    i = stride * batch.integers((len(grid) - 1) // stride)
    t, s = grid[i], grid[i + stride]
    noisy = moved = add_noise(batch.images, batch.normal(), t)
    with torch.no_grad():
        for k in range(stride):
            moved = heun_step(teacher, moved, grid[i + k], grid[i + k + 1], batch.labels)
        goal = target(moved, s, batch.labels)
    return distance(student(noisy, t, batch.labels), goal).mean()


def heun_step(teacher, x, t, s, labels):
    """One Heun step of dx/dt = (x - D(x; t)) / t from t to s, both [B]; two evaluations of the teacher."""
    wide_t, wide_s = t.reshape(-1, 1, 1, 1), s.reshape(-1, 1, 1, 1)
    slope = (x - teacher(x, t, labels)) / wide_t
    moved = x + (wide_s - wide_t) * slope
    corrected = (moved - teacher(moved, s, labels)) / wide_s
    return x + (wide_s - wide_t) * (slope + corrected) / 2
