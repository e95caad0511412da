"""Relativistic pairing loss with R1 and R2 (Huang et al. 2025, section 2): real image i against fake image i."""

import torch
import torch.nn.functional as F


def discriminator_loss(discriminator, batch, fake, settings):
    """E softplus(D(fake) - D(real)) + gamma / 2 (R1 + R2); of the pair, both have the same label."""
    images = torch.cat([batch.images, fake.detach()]).requires_grad_()
    logits = discriminator(images, None if batch.labels is None else batch.labels.repeat(2))
    real, fake = logits.chunk(2)
    r1, r2 = squared_gradients(logits, images).chunk(2)
    return F.softplus(fake - real).mean() + settings["gamma"] / 2 * (r1 + r2).mean()


def generator_loss(discriminator, batch, fake):
    """E softplus(D(real) - D(fake)): the generator wants its image above the real one."""
    with torch.no_grad():
        real = discriminator(batch.images, batch.labels)
    return F.softplus(real - discriminator(fake, batch.labels)).mean()


def squared_gradients(logits, images):
    """|grad_x D(x)|^2 for each image, [B], differentiable; R1 is its mean over real images, R2 over fake ones."""
    (gradients,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return gradients.square().flatten(1).sum(1)
