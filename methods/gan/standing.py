"""Standing statistics: what batch normalisation uses in sampling, measured after training (Brock et al. 2019)."""

import torch

from fewstep.images.noise import classes_of, shares, torch_generator
from fewstep.nets.batch_norm import measuring

from .latents import truncated

BATCHES, SIZE = 50, 200


def set_standing_statistics(generator, class_counts, seed):
    """Give each truncation of the generator the mean statistics of its codes and of labels in the shares of the data.

    Args:
        generator: of `sngan`; left in evaluation mode.
        class_counts: training images by class; None without labels.
        seed: of the run.
    """
    device, random = generator.linear.weight.device, torch_generator(seed, "standing statistics")
    with measuring(generator):
        for truncation in generator.truncations:
            for _ in range(BATCHES):
                z = truncated(lambda k: torch.randn(SIZE, generator.latent, generator=random), truncation)
                labels = None
                if class_counts:
                    numbers = torch.randint(sum(shares(class_counts)), (SIZE,), generator=random)
                    labels = classes_of(numbers, class_counts).to(device)
                generator(z.to(device), labels, truncation)
