"""Brightness and contrast of images: a generator whose pixels drift may still please a classifier."""

import math

import numpy as np
import torch

from fewstep.base.statistics import normal_interval
from fewstep.scoring.metrics.precision_recall import Proportion
from fewstep.scoring.metrics.sample_design import Design


def pixel_statistics(images: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of the pixels of each image, in grey levels; float32 [N, 2] of uint8 [N, H, W, C]."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    return np.stack([flat.mean(1), flat.std(1)], axis=1)


def relative(
    statistics: np.ndarray, real: tuple[float, float], design: Design | None = None
) -> tuple[Proportion | None, Proportion | None]:
    """Mean brightness and mean contrast of samples [N, 2] over those of real images, which are taken as known.

    There is none where that of the real images is 0: they are black, or each is of one grey level.
    """
    design = design or Design.independent(len(statistics))
    brightness, contrast = (_mean(column, of_real, design) for column, of_real in zip(statistics.T, real, strict=True))
    return brightness, contrast


def _mean(values: np.ndarray, unit: float, design: Design) -> Proportion | None:
    if unit == 0:
        return None
    relative = torch.from_numpy(values.astype(np.float64) / unit)
    value, error = float(relative.mean()), math.sqrt(design.variance_of_mean(relative))
    return Proportion(value, error, normal_interval(value, error))
