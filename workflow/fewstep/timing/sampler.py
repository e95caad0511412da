"""A method's sampler as something to time."""

import numpy as np
from torch import nn

from fewstep import sampling
from fewstep.contract import ImageShape
from fewstep.timing.workload import Cell


def sampler_cell(sample: sampling.Sample, model: nn.Module, cell: sampling.Cell, shape: ImageShape, key: str) -> Cell:
    """The whole path from seeds to uint8 images on the host, as in sampling; every call makes new images."""
    made = 0

    def generate(count: int) -> np.ndarray:
        nonlocal made
        indices = list(range(made, made + count))
        made += count
        return sampling.sample_images(sample, model, cell, shape, indices, batch=count)[0]

    return Cell(f"{cell.method}/{cell.variant} at NFE {cell.nfe}", key, generate, model)
