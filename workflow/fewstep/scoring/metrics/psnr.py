"""Peak signal-to-noise ratio of images against their truths."""

import math

import torch
from torch import Tensor

PEAK = 255.0
# Rounding to 8 bits alone has a mean squared error of 1/12: no smaller one can be told from it, and equal images would
# have an infinite ratio.
LEAST_ERROR = 1 / 12
MOST = 10 * math.log10(PEAK**2 / LEAST_ERROR)  # 58.9 dB


def psnr(images: Tensor, truths: Tensor) -> Tensor:
    """10 log10(255^2 / MSE) of each image, in dB, float64 [N]; at most MOST.

    Args:
        images, truths: grey levels 0..255 as float64 [N, C, H, W]; the mean is over all channels and no border is cut.
    """
    error = (images - truths).square().flatten(1).mean(dim=1).clamp(min=LEAST_ERROR)
    return 10 * torch.log10(PEAK**2 / error)
