"""A method's sampler as something to time."""

import numpy as np
from torch import nn

from fewstep import sampling
from fewstep.contract import ImageShape
from fewstep.low_resolution import Inputs
from fewstep.timing.workload import Cell


def sampler_cell(
    sample: sampling.Sample,
    model: nn.Module,
    cell: sampling.Cell,
    shape: ImageShape,
    key: str,
    inputs: Inputs | None = None,
) -> Cell:
    """The whole path from seeds to uint8 images on the host, as in sampling; every call makes new images.

    Reduced images to start from (`inputs`) are there when the clock starts; once all have been used, the first are used
    again.
    """
    made = 0

    def generate(count: int) -> np.ndarray:
        nonlocal made
        indices = range(made, made + count)
        made += count
        if inputs is not None:
            indices = [i % len(inputs) for i in indices]
        return sampling.sample_images(sample, model, cell, shape, list(indices), batch=count, inputs=inputs)[0]

    return Cell(f"{cell.method}/{cell.variant} at NFE {cell.nfe}", key, generate, model)
