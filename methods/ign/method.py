"""IGN (Shocher et al. 2023): a network that maps noise onto images, and images onto themselves."""

import torch

from fewstep.diffusion.editing import between
from fewstep.images.degradations import degraded
from fewstep.images.noise import torch_generator
from fewstep.training.ema import EMA, decay_of
from fewstep.training.loop import optimise, set_learning_rate

from .losses import DISTANCES, above_zero, idempotence_losses, l1, tightness_weight
from .network import IdempotentNetwork, recompute_statistics

CALIBRATION = {"batches": 20, "images": 200}  # of each role, for the statistics that sampling uses


def build(recipe, shape):
    """f, with its source of noise; labels are not used."""
    return IdempotentNetwork(shape, **recipe["network"])


def train(run):
    """Reconstruct data, make f idempotent on noise, keep its fixed points few; returns the averaged weights."""
    settings = run.settings
    model = build(run.recipe, run.shape).to(run.device)
    model.source.measure(run.images)
    ema = EMA(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"], betas=(0.5, 0.999))
    distance = DISTANCES[settings["distance"]]

    def step(batch, k):
        set_learning_rate(optimizer, settings["learning_rate"], k, settings)
        z = model.source(torch.stack([batch.normal() for _ in range(model.source.parts)], dim=1))
        losses = idempotence_losses(model, batch.images, z, distance, settings.get("clamp"))
        weights = {**settings, "tightness": tightness_weight(settings, k)}
        total = sum(weights[name] * loss for name, loss in losses.items())
        optimise(total, optimizer)
        ema.update(model, decay_of(settings, k))
        return {"loss": total, **losses}

    run.fit(step, {"model": model, "ema": ema, "optimizer": optimizer})
    recompute_statistics(ema.model, calibration(ema.model, run))
    return ema.model


def calibration(model, run):
    """Batches (images, z) for the statistics of the batch norms."""
    generator = torch_generator(run.seed, "calibration")
    for _ in range(CALIBRATION["batches"]):
        rows = torch.randint(len(run.images), (CALIBRATION["images"],), generator=generator)
        noise = torch.randn(len(rows), model.source.parts, *run.shape.chw, generator=generator)
        yield run.images[rows.to(run.device)], model.source(noise.to(run.device))


def sample(model, request):
    """f of noise, and f again of what it made until it was applied `nfe` times."""
    images = model(noise_of(model, request), of_noise=True)
    for _ in range(request.nfe - 1):
        images = model(images)
    return images


def edit(model, request, task):
    """f of the input, or of a noise between two, and f again up to `nfe` times; each puts back what is known."""
    if task.known is None:
        noise = between(request, task.shares, (model.source.parts, *request.shape.chw))
        images = model(model.source(noise.float()), of_noise=True)
    else:
        images = model(task.known.float())
    for _ in range(request.nfe - 1):
        images = model(task.project(images).float())
    return task.fit(images)


def noise_of(model, request):
    """z [B, C, H, W] of the model's source."""
    return model.source(request.noise(shape=(model.source.parts, *request.shape.chw)))


def evaluate(model, request, images):
    """How nearly f is a projection onto the data, per image [B]; every distance is a mean absolute difference.

    Drift |f(f(z)) - f(z)|, absolute and as a share of |f(z) - z|; |f(x) - x| for held-out images x; and for each
    degradation y of x the distance to x before (y) and after f (f(y)), the drift |f(y) - y| of both, which is the
    model's own distance to the data, and the images themselves.
    """
    z = noise_of(model, request)
    once = model(z, of_noise=True)
    drift = l1(model(once), once)
    moved = above_zero(l1(once, z))  # a z that f does not move has no drift either, and a relative one of 0
    scores = {"drift": drift, "relative_drift": drift / moved, "fixed_point_error": l1(model(images), images)}
    for name, before in degraded(images, request.noise("degradation")).items():
        after = model(before)
        scores[f"projection_{name}_before"] = l1(before, images)
        scores[f"projection_{name}_after"] = l1(after, images)
        scores |= {f"projection_{name}_images_before": before, f"projection_{name}_images_after": after}
        scores[f"projection_{name}_drift_before"] = l1(after, before)
        scores[f"projection_{name}_drift_after"] = l1(model(after), after)
    return scores
