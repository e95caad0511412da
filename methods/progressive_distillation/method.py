"""Progressive distillation (Salimans & Ho 2022) on EDM's levels: one step of the student does two of its teacher's."""

import math
from itertools import pairwise

import torch

from fewstep.diffusion.preconditioning import SIGMA_MAX, Denoiser, add_noise, as_batch, per_image_mean
from fewstep.diffusion.schedules import karras_grid
from fewstep.diffusion.solvers import initial_state
from fewstep.nets.unet import unet_for
from fewstep.training.loop import optimise


def build(recipe, shape):
    """The denoiser D(x, sigma, labels) of a student."""
    return Denoiser(unet_for(recipe["network"], shape))


def train(run):
    """Halve the steps from `teacher_steps` to `student_steps` (Algorithm 2); returns the last student.

    The first teacher is the model of the recipe that this one starts from, or else the diffusion model.
    """
    settings = run.settings
    stages = halvings(settings["teacher_steps"], settings["student_steps"])
    length = math.ceil(run.steps / len(stages))
    student, teacher = (build(run.recipe, run.shape).to(run.device) for _ in range(2))
    for model in (student, teacher):
        model.load_state_dict((run.teacher if run.start is None else run.start).state_dict())
    teacher.eval().requires_grad_(False)
    optimizer = torch.optim.Adam(student.parameters(), lr=settings["learning_rate"], foreach=True)

    def step(batch, k):
        stage, within = divmod(k, length)
        if stage and within == 0:
            teacher.load_state_dict(student.state_dict())
            optimizer.state.clear()
        for group in optimizer.param_groups:
            group["lr"] = settings["learning_rate"] * (1 - within / length)
        loss = distillation_loss(student, teacher, batch, levels(2 * stages[stage]).float().to(run.device))
        optimise(loss, optimizer, settings["clip"])
        return {"loss": loss}

    run.fit(step, {"student": student, "teacher": teacher, "optimizer": optimizer}, sampled=student)
    return student


def halvings(teacher_steps, student_steps):
    """Steps of the student in each stage: teacher_steps / 2, ..., student_steps."""
    count = round(math.log2(teacher_steps / student_steps))
    return [student_steps * 2**i for i in reversed(range(count))]


def levels(steps):
    """The noise levels [steps + 1] between which a model of `steps` steps moves, from 80 to 0.002."""
    return karras_grid(steps + 1)


def distillation_loss(student, teacher, batch, grid):
    """max(1/t^2, 1) |D(x_t; t) - x*|^2, where a step over x* leads as far as two steps of the teacher.

    `grid` holds the teacher's levels; the student moves between every other one.
    """
    i = 2 * batch.integers(len(grid) // 2)
    t, middle, after = grid[i], grid[i + 1], grid[i + 2]
    noisy = add_noise(batch.images, batch.normal(), t)
    with torch.no_grad():
        halfway = euler_step(teacher, noisy, t, middle, batch.labels)
        goal = implied_denoised(noisy, euler_step(teacher, halfway, middle, after, batch.labels), t, after)
    error = per_image_mean((student(noisy, t, batch.labels) - goal) ** 2)
    return ((1 / t**2).clamp(min=1) * error).mean()


def euler_step(model, x, t, s, labels):
    """From level t [B] to s [B] along dx/dt = (x - D(x; t)) / t: s/t of x and the rest of D (a DDIM step)."""
    share = (s / t).reshape(-1, 1, 1, 1).to(x.dtype)
    return share * x + (1 - share) * model(x, t, labels)


def implied_denoised(x, moved, t, s):
    """The estimate of x0 with which one Euler step takes x at level t to `moved` at level s."""
    share = (s / t).reshape(-1, 1, 1, 1)
    return (moved - share * x) / (1 - share)


def sample(model, request):
    """As many Euler steps as the student was made for, from 80 to 0.002; nothing is denoised after the last."""
    x = initial_state(request.noise(), SIGMA_MAX)
    for t, s in pairwise(levels(request.nfe).tolist()):
        x = euler_step(model, x, as_batch(t, x), as_batch(s, x), request.labels)
    return x
