"""SR3 (Saharia et al. 2021): super-resolution by refinement of noise, on a continuous noise level."""

from dataclasses import replace

import torch
from torch import nn

from fewstep.diffusion.preconditioning import per_image_mean
from fewstep.diffusion.solvers import ddim
from fewstep.images.pixels import grey_levels
from fewstep.images.resampling import downsample, upsample
from fewstep.nets.unet import super_resolver_for
from fewstep.scoring.metrics.psnr import psnr
from fewstep.training.loop import minimise

from .levels import draw_levels, inference_levels

AVERAGED = 16  # samples of one input, for the hook


class LevelConditioned(nn.Module):
    """Noise predictor f(x, y, gamma): shown the enlarged input beside the noisy image, and told the level."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, noisy, gamma, condition):
        """Estimate of eps [B, C, H, W] in the precision of `noisy`, for levels gamma [B] in (0, 1)."""
        # A quarter of the log of the noise-to-signal ratio in amplitude spreads the levels evenly over the embedding;
        # gamma itself, or its root, would crowd all that is nearly clean into one point.
        gamma = gamma.double().clamp(1e-6, 1 - 1e-6)
        level = ((1 - gamma) / gamma).log() / 8
        return self.net(torch.cat([condition, noisy.float()], dim=1), level.float()).to(noisy.dtype)


def build(recipe, shape):
    """The U-Net on two images: the enlarged input and the noisy one."""
    return LevelConditioned(super_resolver_for(recipe["network"], shape))


def train(run):
    """Denoising loss at levels drawn from the piecewise-uniform mixture; returns the averaged weights."""
    model = build(run.recipe, run.shape).to(run.device)
    power = run.settings["norm"]
    return minimise(run, model, lambda model, batch, k: noise_loss(model, batch, run.low_resolution, power), clip=1.0)


def noise_loss(model, batch, side, power):
    """E |f(x, sqrt(gamma) y + sqrt(1 - gamma) eps, gamma) - eps|^p, p = 1 or 2, mean over pixels and batch (eq. 6)."""
    gamma, noise = draw_levels(batch), batch.normal()
    # In float64 up to here: next to a clean image 1 - gamma is 1e-6 and less.
    signal, spread = (root.float().reshape(-1, 1, 1, 1) for root in (gamma.sqrt(), (1 - gamma).sqrt()))
    condition = upsample(downsample(batch.images, side), batch.images.shape[-1])
    error = model(signal * batch.images + spread * noise, gamma, condition) - noise
    return per_image_mean(error.abs() ** power).mean()


def sample(model, request):
    """Refine noise along the searched `schedule`: `solver: ancestral` (variance beta_t) or `ddim` (eta = 0).

    The estimate of y_0 is clipped to [-1, 1] in every step of both.
    """
    settings = request.settings
    levels = inference_levels(request.nfe, **settings["schedule"])
    condition = upsample(request.low_resolution, request.shape.height)

    def predict_noise(y, t):
        return model(y, levels[t].expand(len(y)).to(y.device), condition)

    steps, state = range(request.nfe - 1, -1, -1), request.noise().double()
    large = settings["solver"] == "ancestral"
    return ddim(predict_noise, state, levels, steps, request.step_noise, clip=True, large_variance=large)


def evaluate(model, request, images):
    """PSNR of one sample, and of the mean of 16: the mean of many tends to the posterior mean, which has the best."""
    samples = [sample(model, replace(request, seed=request.seed + k)).clamp(-1, 1) for k in range(AVERAGED)]
    return {
        "psnr_single": psnr(grey_levels(samples[0]), grey_levels(images)),
        f"psnr_mean_of_{AVERAGED}": psnr(grey_levels(torch.stack(samples).mean(dim=0)), grey_levels(images)),
    }
