"""Standing statistics: what batch normalisation uses in sampling, measured after training (Brock et al. 2019)."""

import torch

from fewstep.nets.batch_norm import measuring
from fewstep.noise import torch_generator

from .latents import truncated

BATCHES, SIZE = 50, 200


def set_standing_statistics(generator, classes, seed):
    """Give each truncation of the generator the mean statistics of codes drawn with it and of uniform labels.

    Args:
        generator: of `sngan`; left in evaluation mode.
        classes: number of labels, 0 without.
        seed: of the run.
    """
    device, random = generator.linear.weight.device, torch_generator(seed, "standing statistics")
    with measuring(generator):
        for truncation in generator.truncations:
            for _ in range(BATCHES):
                z = truncated(lambda k: torch.randn(SIZE, generator.latent, generator=random), truncation)
                labels = torch.randint(classes, (SIZE,), generator=random).to(device) if classes else None
                generator(z.to(device), labels, truncation)
