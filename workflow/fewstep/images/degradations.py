"""Degraded images for projection and editing: noise, lost colour, thresholds, sketches, blur and holes.

Every function takes images [B, C, H, W] with values nominally in [-1, 1], gives images of the same shape, and treats
each image by itself. Sizes are shares of the image's height, so that one setting means the same on every data set.
Noise, sketch and grey are the degradations of Shocher et al. 2023 (arXiv:2311.01462).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

NOISE = 0.15  # standard deviation
BLUR = 3.5 / 64  # standard deviation of the blur; that of a kernel of 21 pixels on images of 64
HOLE = 0.4  # side of the masked square
SKETCH_FLOOR = 0.02  # keeps black divided by black finite: about two grey levels of 256


def degraded(images: Tensor, noise: Tensor) -> dict[str, Tensor]:
    """Every degradation of the images by its name; `noise` [B, C, H, W] is standard normal, the image's own.

    Colour images lose their colour; grey ones, which have none, are binarised instead.
    """
    faded = {"grey": grey(images)} if images.shape[1] > 1 else {"binarised": binarised(images)}
    return {
        "noisy": noisy(images, noise),
        **faded,
        "sketch": sketch(images),
        "blurred": blurred(images),
        "masked": masked(images),
    }


def noisy(images: Tensor, noise: Tensor, scale: float = NOISE) -> Tensor:
    """Add standard normal noise times `scale`; values may leave [-1, 1]."""
    return images + scale * noise


def grey(images: Tensor) -> Tensor:
    """The mean of the channels in every channel."""
    return images.mean(dim=1, keepdim=True).expand_as(images)


def binarised(images: Tensor) -> Tensor:
    """1 where a value is above 0, else -1."""
    return torch.where(images > 0, 1.0, -1.0).to(images.dtype)


def sketch(images: Tensor, sigma: float = BLUR) -> Tensor:
    """Edges alone: brightness divided by its blur, less 1, clipped to [-1, 1]; where nothing changes it is 0."""
    brightness = (grey(images) + 1).clamp(min=0) + SKETCH_FLOOR
    return (brightness / blurred(brightness, sigma) - 1).clamp(-1, 1)


def blurred(images: Tensor, sigma: float = BLUR) -> Tensor:
    """Gaussian blur of standard deviation `sigma` x height; the border goes on with its last values."""
    pixels = sigma * images.shape[-2]
    radius = math.ceil(3 * pixels)
    offsets = torch.arange(-radius, radius + 1, dtype=images.dtype, device=images.device)
    kernel = torch.exp(-0.5 * (offsets / pixels) ** 2)
    kernel = (kernel / kernel.sum()).expand(images.shape[1], 1, 1, -1)
    wide = F.pad(images, (radius,) * 4, mode="replicate")
    rows = F.conv2d(wide, kernel, groups=images.shape[1])
    return F.conv2d(rows, kernel.transpose(-1, -2), groups=images.shape[1])


def masked(images: Tensor, side: float = HOLE) -> Tensor:
    """Set the square of `side` x height in the middle to 0, mid-grey."""
    height, width = images.shape[-2:]
    hole = max(1, round(side * height))
    top, left = (height - hole) // 2, (width - hole) // 2
    images = images.clone()
    images[..., top : top + hole, left : left + hole] = 0
    return images
