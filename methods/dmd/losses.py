"""The terms of the two losses, on estimates of x0 by the teacher (`real`) and by the critic (`fake`), [B, C, H, W]."""

import torch
import torch.nn.functional as F
from torch import Tensor

from fewstep.diffusion.preconditioning import per_image_mean


def matching_gradient(images: Tensor, real: Tensor, fake: Tensor) -> Tensor:
    """(fake - real) / mean|images - real|: gradient of KL(fake || real) by the generator's images (DMD, Algorithm 2).

    Both estimates are of the same noised images. The mean, over the pixels of each image, makes every noise level count
    alike (eq. 8); the factor alpha_t of eq. 7 is 1 here. An image that the teacher leaves as it is has no mean to
    divide by and no gradient: the authors' code turns 0/0 into 0, too.
    """
    gradient = (fake - real) / per_image_mean((images - real).abs()).reshape(-1, 1, 1, 1)
    # Infinite ones would become the largest float by the authors' call, and break the weights.
    return torch.nan_to_num(gradient, nan=0.0, posinf=0.0, neginf=0.0)


def matching_loss(images: Tensor, gradient: Tensor) -> Tensor:
    """A number whose gradient by `images` is `gradient` over the count of their elements.

    Its value, half the mean squared gradient, is no measure of progress: the gradient is normalised.
    """
    return F.mse_loss(images, (images - gradient).detach()) / 2


def denoising_loss(denoised: Tensor, images: Tensor, c_out: Tensor) -> Tensor:
    """|D(x_t; s) - x|^2 / c_out(s)^2, mean over pixels and batch, c_out [B]: EDM's weight 1/s^2 + 1/sigma_data^2."""
    return (per_image_mean((denoised - images) ** 2) / c_out**2).mean()


def realness_loss(fake: Tensor) -> Tensor:
    """The generator's part of the GAN, from logits [B] of its images: small where they are taken as real."""
    return F.softplus(-fake).mean()


def judgement_loss(real: Tensor, fake: Tensor) -> Tensor:
    """The critic's part of the GAN, from logits [B] of both: small where it tells them apart."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()
