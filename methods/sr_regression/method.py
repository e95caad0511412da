"""The regression baseline of SR3 (Saharia et al. 2021): the same network, one pass, mean squared error."""

import torch

from fewstep.images.pixels import grey_levels
from fewstep.images.resampling import downsample, upsample
from fewstep.nets.unet import super_resolver_for
from fewstep.scoring.metrics.psnr import psnr
from fewstep.training.loop import minimise


def build(recipe, shape):
    """The U-Net on two images, of which one stays empty: as many parameters as the diffusion model has."""
    return super_resolver_for(recipe["network"], shape)


def train(run):
    """Mean squared error of the enlarged images; returns the averaged weights."""
    model = build(run.recipe, run.shape).to(run.device)
    return minimise(run, model, lambda model, batch, k: regression_loss(model, batch, run.low_resolution))


def regression_loss(model, batch, side):
    """Mean over pixels and batch of (f(x) - y)^2, where x is y reduced to `side` pixels."""
    return ((enlarge(model, downsample(batch.images, side), batch.images.shape[-1]) - batch.images) ** 2).mean()


def enlarge(model, low_resolution, side):
    """Images [B, C, side, side] in one pass; no noise is shown, and the noise level is constant."""
    condition = upsample(low_resolution, side)
    shown = torch.cat([condition, torch.zeros_like(condition)], dim=1)
    return model(shown, torch.zeros(len(shown), device=shown.device))


def sample(model, request):
    """The same image for every seed: the mean of all that the input leaves possible."""
    return enlarge(model, request.low_resolution, request.shape.height)


def evaluate(model, request, images):
    """PSNR on the images that the hook of SR3 sees: what the mean of many samples can come to."""
    return {"psnr": psnr(grey_levels(sample(model, request).clamp(-1, 1)), grey_levels(images))}
