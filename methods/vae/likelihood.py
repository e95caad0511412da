"""The discretised logistic likelihood of 8-bit pixels (Kingma et al. 2016; Salimans et al. 2017, equation 2)."""

import torch
import torch.nn.functional as F

HALF = 1 / 255  # half the distance of two grey levels on [-1, 1]


def log_likelihood(images, mean, log_scale):
    """ln P(level of each pixel) for images with values -1 + 2k / 255; all of one shape.

    The probability of a level is that of its bin under a logistic distribution, sigmoid(b) - sigmoid(a) between the
    bin's ends; the bins of black and white reach to infinity, so that the 256 probabilities sum to 1. The difference is
    taken as sigmoid(b) sigmoid(-a) (1 - exp(a - b)), which no bin makes 0.
    """
    precision = (-log_scale).exp()
    upper, lower = (images - mean + HALF) * precision, (images - mean - HALF) * precision
    black, white = images < -1 + HALF, images > 1 - HALF
    below_upper = torch.where(white, 0.0, F.logsigmoid(upper))
    above_lower = torch.where(black, 0.0, F.logsigmoid(-lower))
    inside = torch.where(black | white, 0.0, (-torch.expm1(-2 * HALF * precision)).log())
    return below_upper + above_lower + inside


def draw(mean, log_scale, normal):
    """Pixels from the distribution, by its inverse at the rank of standard normal noise; rounding gives the levels."""
    logit = torch.special.log_ndtr(normal.double()) - torch.special.log_ndtr(-normal.double())
    return mean + log_scale.exp() * logit.to(mean.dtype)
