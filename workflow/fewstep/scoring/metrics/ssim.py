"""Structural similarity (Wang et al. 2004, doi:10.1109/TIP.2003.819861) of images and their truths."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from fewstep.base.errors import FewstepError

PEAK, K1, K2 = 255.0, 0.01, 0.03
SIGMA = 1.5  # of the Gaussian window, in pixels


def gaussian_window(side: int = 11, sigma: float = SIGMA) -> Tensor:
    """Weights [side, side] that sum to 1, float64: the paper's window is 11 x 11 with sigma 1.5."""
    offsets = torch.arange(side, dtype=torch.float64) - (side - 1) / 2
    line = torch.exp(-0.5 * (offsets / sigma) ** 2)
    window = line[:, None] * line[None, :]
    return window / window.sum()


def flat_window(side: int = 7) -> Tensor:
    """Equal weights [side, side] that sum to 1, float64: for small images, of which 11 x 11 leaves little."""
    return torch.full((side, side), 1 / side**2, dtype=torch.float64)


def ssim(images: Tensor, truths: Tensor, window: Tensor) -> Tensor:
    """Mean similarity of each image, float64 [N]: over channels and those positions where the window lies inside.

    Means, variances and covariance are weighted by the window (variances of the population, as in the paper).

    Args:
        images, truths: grey levels 0..255 as float64 [N, C, H, W].
        window: weights that sum to 1.

    Raises:
        FewstepError: the window does not fit into the images.
    """
    if window.shape[0] > min(images.shape[-2:]):
        raise FewstepError(f"A window of {window.shape[0]} pixels does not fit into images of {images.shape[-1]}.")
    mean = partial(_filtered, window=window)
    mx, my = mean(images), mean(truths)
    xx, yy, xy = mean(images**2) - mx**2, mean(truths**2) - my**2, mean(images * truths) - mx * my
    c1, c2 = (K1 * PEAK) ** 2, (K2 * PEAK) ** 2
    similarity = (2 * mx * my + c1) * (2 * xy + c2) / ((mx**2 + my**2 + c1) * (xx + yy + c2))
    return similarity.flatten(1).mean(dim=1)


def _filtered(images: Tensor, window: Tensor) -> Tensor:
    count, channels, height, width = images.shape
    flat = F.conv2d(images.reshape(count * channels, 1, height, width), window[None, None])
    return flat.reshape(count, channels, *flat.shape[-2:])
