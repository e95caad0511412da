"""One-step generator trained by the energy score (Gneiting & Raftery 2007): a start to copy, and an honest baseline.

The three functions below are the whole contract (fewstep.contract.method). Replace what is inside them.
"""

import torch
import torch.nn.functional as F

from fewstep.nets.unet import unet_for
from fewstep.training.ema import EMA
from fewstep.training.loop import optimise, set_learning_rate


def build(recipe, shape):
    """The network that `sample` calls, untrained. Evaluations are counted by a hook on this module.

    A model of several networks lists them in an nn.ModuleDict named `stages`, and each is counted apart.
    """
    return unet_for(recipe["network"], shape)


def train(run):
    """Train and return the model whose weights are kept; `run` is a fewstep.training.loop.TrainingRun."""
    settings = run.settings  # the recipe's `training` section
    model = build(run.recipe, run.shape).to(run.device)
    ema = EMA(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"])

    def step(batch, k):
        # All randomness comes from `batch` (or from torch's generator, which is seeded before each step): a run
        # that was cut off then goes on to the same weights.
        set_learning_rate(optimizer, settings["learning_rate"], k, settings)
        loss = energy_score(model, batch, settings["label_weight"])
        optimise(loss, optimizer)
        ema.update(model, settings["ema_decay"])
        return {"loss": loss}  # every entry becomes a column of the log

    # Whatever changes during training belongs here: it is what a checkpoint holds.
    run.fit(step, {"model": model, "ema": ema, "optimizer": optimizer})
    return ema.model


def energy_score(model, batch, label_weight):
    """2 E|x - y| - E|x - x'| of generated x, x' and real y: smallest for a generator that draws real images.

    Labels are part of the point: images of different labels are `label_weight` further apart.
    """
    x = flat(generate(model, batch.normal(), batch.labels), batch.labels, label_weight)
    y = flat(batch.images, batch.labels, label_weight)
    return 2 * mean_distance(x, y) - mean_distance(x, x)


def mean_distance(x, y):
    """Mean of |x_i - y_j| over i != j: image i and real image i share a label, so that pair is not independent."""
    distances = torch.cdist(x, y)
    return (distances.sum() - distances.diagonal().sum()) / (len(x) * (len(x) - 1))


def flat(images, labels, label_weight):
    """Images [B, C, H, W] as points [B, D], labels appended."""
    points = images.flatten(1)
    if labels is None:
        return points
    return torch.cat([points, F.one_hot(labels).float() * label_weight], dim=1)


def generate(model, noise, labels):
    """Images [B, C, H, W] from noise of the same shape, in one evaluation; the network's noise level stays at 0."""
    return model(noise, torch.zeros(len(noise), device=noise.device), labels)


def sample(model, request):
    """Images for a fewstep.contract.method.SampleRequest, float [B, C, H, W] nominally in [-1, 1].

    Noise comes from the request alone (`noise`, `step_noise`), so that image i is the same in every batch; the calls
    of `model` must cost `request.nfe` evaluations per image.
    """
    return generate(model, request.noise(), request.labels)
