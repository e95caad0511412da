"""The one way down and the one way up in size, for training, sampling and scores alike."""

import torch.nn.functional as F
from torch import Tensor


def downsample(images: Tensor, side: int) -> Tensor:
    """D: images [B, C, H, W] in [-1, 1] reduced to `side` x `side` pixels, bicubic, anti-aliased, clipped to [-1, 1].

    The kernel (a = -1/2, widened by the factor) is Pillow's; without anti-aliasing fine detail would fold into the
    result.
    """
    return _resize(images, side).clamp(-1, 1)


def upsample(images: Tensor, side: int) -> Tensor:
    """U: images [B, C, h, w] enlarged to `side` x `side` pixels by the same kernel; edges may overshoot [-1, 1]."""
    return _resize(images, side)


def _resize(images: Tensor, side: int) -> Tensor:
    # With antialias=True torch takes a = -1/2, as Pillow and SR3's data do, and without it -3/4; an enlargement has
    # nothing to alias.
    return F.interpolate(images, size=(side, side), mode="bicubic", align_corners=False, antialias=True)
