"""Hinge loss (Lim and Ye 2017; Miyato et al. 2018, equations 16 and 17)."""

import torch
import torch.nn.functional as F


def discriminator_loss(discriminator, batch, fake, settings):
    """E max(0, 1 - D(real)) + E max(0, 1 + D(fake)): logits beyond the margin cost nothing."""
    images = torch.cat([batch.images, fake.detach()])
    real, fake = discriminator(images, None if batch.labels is None else batch.labels.repeat(2)).chunk(2)
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def generator_loss(discriminator, batch, fake):
    """-E D(fake)."""
    return -discriminator(fake, batch.labels).mean()
