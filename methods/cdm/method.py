"""CDM (Ho et al. 2021): a class-conditional diffusion model of small images, and others that enlarge what it draws."""

import torch

from fewstep.diffusion.preconditioning import add_noise, as_batch, per_image_mean
from fewstep.diffusion.solvers import initial_state
from fewstep.images.resampling import downsample
from fewstep.training.loop import minimise

from .augmentation import augment
from .levels import T_MAX, T_MIN, grid, noised, sigma_of, solve
from .networks import Cascade, Condition


def build(recipe, shape):
    """The stages of the recipe; a single one is a diffusion model without a cascade."""
    return Cascade(recipe["network"]["stages"], shape)


def train(run):
    """Train the last stage on true images; those below it come from the recipe that this one starts from."""
    model = build(run.recipe, run.shape).to(run.device)
    if run.start is not None:
        model.load_state_dict(run.start.state_dict(), strict=False)
    # The loss reaches the last stage alone: the weights below have no gradient, and keep their values.
    return minimise(run, model, lambda model, batch, k: stage_loss(model, batch, run.settings))


def stage_loss(model, batch, settings):
    """Denoising loss of the last stage at uniform times of the cosine schedule, mean over pixels and batch.

    The weight 1 / c_out^2 = 1 / sigma^2 + 1 / sigma_data^2 is that of the predicted noise's error where noise is weak.
    """

    def uniform():
        return torch.rand(len(batch.images), generator=batch.generator).to(batch.images.device)

    def normal(shape):
        return torch.randn(shape, generator=batch.generator).to(batch.images.device)

    *lower, stage = model.stages.values()
    x0, given = downsample(batch.images, stage.side), batch.labels
    if lower:
        z = downsample(batch.images, lower[-1].side)
        given = Condition(batch.labels, *augment(z, uniform, normal, settings))
    sigma = sigma_of(T_MIN + (T_MAX - T_MIN) * uniform())
    denoised = stage(add_noise(x0, normal(x0.shape), sigma), sigma, given)
    _, c_out = stage.scalings(sigma)
    return (per_image_mean((denoised - x0) ** 2) / c_out**2).mean()


def sample(model, request):
    """Images of the stages in turn. `settings["steps"][nfe]` holds each stage's evaluations.

    `s` is the level of the noise in what a stage is shown (0 unless given). With `truncated` the stage below stops
    there; without, it draws its image to the end, and noise is added again.
    """
    *lower, (top, steps) = zip(model.stages.values(), request.settings["steps"][request.nfe], strict=True)
    z, s = None, request.settings.get("s", 0.0)
    for stage, count in lower:
        if s and request.settings.get("truncated", False):
            # The state x0 + sigma z, scaled to what the stage above was trained on.
            z = draw(stage, count, request, z, end=s) / (1 + grid(1, s)[-1] ** 2) ** 0.5
        else:
            z = augmented(draw(stage, count, request, z).clamp(-1, 1), request)
    return draw(top, steps, request, z)


def draw(stage, steps, request, z=None, end=0.0):
    """A stage's state [B, C, side, side] at time `end`, float64, given the image below it as it is shown."""
    shape = (request.shape.channels, stage.side, stage.side)
    given = request.labels
    if z is not None:
        given = Condition(request.labels, z, as_batch(request.settings.get("s", 0.0), z))
    levels = grid(steps, end)
    x = initial_state(request.noise(f"initial {stage.side}", shape), levels[0].item())
    return solve(lambda x, sigma: stage(x, as_batch(sigma, x), given), x, levels)


def augmented(z, request):
    """Low-resolution images [B, C, h, w] with noise of the request's level s."""
    noise = request.noise(f"augmentation {z.shape[-1]}", z.shape[1:]).double()
    return noised(z.double(), as_batch(request.settings.get("s", 0.0), z), noise)


def evaluate(model, request, images):
    """The oracle: held-out images reduced and made anew by the last stage, what a perfect stage below would leave."""
    *lower, top = model.stages.values()
    if not lower:
        return {}
    z = augmented(downsample(images, lower[-1].side), request)
    return {"oracle_images": draw(top, request.settings["steps"][request.nfe][-1], request, z)}
