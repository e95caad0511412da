"""GANs: R3GAN (Huang et al. 2025), and a conditional one with spectral norm and hinge loss (Miyato et al. 2018)."""

import torch

from fewstep.training.ema import EMA, decay_of
from fewstep.training.loop import optimise, set_learning_rate

from . import hinge, r3gan, relativistic, sngan
from .latents import sampling_latents, training_latents
from .standing import set_standing_statistics

NETWORKS = {"r3gan": r3gan, "sngan": sngan}
LOSSES = {"relativistic": relativistic, "hinge": hinge}


def build(recipe, shape):
    """The generator of the recipe's architecture; `sample` needs no discriminator."""
    return network("Generator", recipe, shape)


def network(part, recipe, shape):
    """The Generator or the Discriminator of a recipe; both are made from its `network` section."""
    settings = dict(recipe["network"])
    return getattr(NETWORKS[settings.pop("architecture")], part)(shape, **settings)


def train(run):
    """Alternate updates of discriminator and generator on the same fake images; returns the generator's average."""
    settings, losses = run.settings, LOSSES[run.settings["loss"]]
    generator = build(run.recipe, run.shape).to(run.device)
    discriminator = network("Discriminator", run.recipe, run.shape).to(run.device)
    ema = EMA(generator)
    updates_g = adam(generator, settings["learning_rate"], settings)
    updates_d = adam(discriminator, settings["learning_rate_discriminator"], settings)

    def step(batch, k):
        set_learning_rate(updates_g, settings["learning_rate"], k, settings)
        set_learning_rate(updates_d, settings["learning_rate_discriminator"], k, settings)
        fake = generator(training_latents(batch, generator.latent), batch.labels)
        loss_d = losses.discriminator_loss(discriminator, batch, fake, settings)
        optimise(loss_d, updates_d)
        discriminator.requires_grad_(False)
        loss_g = losses.generator_loss(discriminator, batch, fake)
        optimise(loss_g, updates_g)
        discriminator.requires_grad_(True)
        ema.update(generator, decay_of(settings, k))
        return {"generator": loss_g, "discriminator": loss_d}

    state = {"generator": generator, "discriminator": discriminator, "ema": ema}
    run.fit(step, state | {"updates_g": updates_g, "updates_d": updates_d})
    if isinstance(ema.model, sngan.Generator):
        set_standing_statistics(ema.model, run.class_counts, run.seed)
    return ema.model


def adam(model, rate, settings):
    """Adam; without momentum (first of `betas` 0) each player answers the other's latest move."""
    return torch.optim.Adam(model.parameters(), lr=rate, betas=settings["betas"], foreach=True)


def sample(model, request):
    """One evaluation of the generator on a code per image, truncated as the variant says."""
    truncation = request.settings.get("truncation")
    return model(sampling_latents(request, model.latent, truncation), request.labels, truncation)
