"""Latent codes [B, size]: standard normal in training, truncated by resampling in sampling (Brock et al. 2019)."""

import torch

from fewstep.base.errors import FewstepError


def training_latents(batch, size):
    """Standard normal codes from the random numbers of a training step."""
    return torch.randn(len(batch.images), size, generator=batch.generator).to(batch.images.device)


def sampling_latents(request, size, threshold):
    """Truncated codes of a request; every draw of an image is a stream of its own, whatever its batch needs."""
    return truncated(lambda k: request.noise(f"latent draw {k}", (size,)), threshold)


def truncated(draw, threshold):
    """draw(0), where numbers of a magnitude above `threshold` are drawn again until none is left; None changes nothing.

    Args:
        draw: gives standard normal numbers [B, size], other ones for each k.
        threshold: of |z|, the convention of BigGAN.
    """
    z, k = draw(0), 0
    if threshold is None:
        return z
    if threshold <= 0:
        raise FewstepError(f"truncation must be positive: no number has a magnitude of {threshold} or less.")
    while (outside := z.abs() > threshold).any():
        k += 1
        z = torch.where(outside, draw(k), z)
    return z
