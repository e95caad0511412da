"""A method's sampler as something to time."""

import numpy as np

from fewstep.sampling.sampler import Sampler
from fewstep.speed.workload import Workload


def sampler_workload(sampler: Sampler, key: str) -> Workload:
    """The whole path from seeds to uint8 images on the host, as in sampling; every call makes new images.

    What they start from is there when the clock starts; once all of it has been used, the first is used again.
    """
    made, available = 0, sampler.condition.count

    def generate(count: int) -> np.ndarray:
        nonlocal made
        indices = range(made, made + count)
        made += count
        if available is not None:
            indices = [i % available for i in indices]
        return sampler.images(list(indices), count).images

    name = f"{sampler.cell.method}/{sampler.cell.variant}{f' {sampler.cell.edit}' if sampler.cell.edit else ''}"
    return Workload(f"{name} at NFE {sampler.cell.nfe}", key, generate, sampler.model)
