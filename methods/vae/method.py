"""Variational auto-encoder (Kingma and Welling 2013) with an exact likelihood of 8-bit pixels."""

import math

import torch

from fewstep.training.loop import minimise

from . import likelihood
from .networks import VAE


def build(recipe, shape):
    """Encoder and decoder; sampling evaluates the decoder alone."""
    return VAE(shape, **recipe["network"])


def train(run):
    """Minimise the bound in bits per dimension; returns the averaged weights."""
    model = build(run.recipe, run.shape).to(run.device)

    def loss(model, batch, k):
        noise = torch.randn(len(batch.images), model.latent, generator=batch.generator).to(run.device)
        return bits_per_dim(negative_elbo(model, batch.images, batch.labels, noise), run.shape).mean()

    return minimise(run, model, loss, clip=run.settings["clip"])


def negative_elbo(model, images, labels, noise):
    """KL(q(z|x) || N(0, I)) - ln p(x | z) in nats [B], z = mean + std noise: its expectation bounds -ln p(x).

    Args:
        model: encode(images, labels) gives mean and log std of z; a call with z gives mean and log scale of the pixels.
        noise: standard normal, of the shape of z.
    """
    mean, log_std = model.encode(images, labels)
    kl = 0.5 * (mean**2 + (2 * log_std).exp() - 1) - log_std
    pixels = likelihood.log_likelihood(images, *model(mean + log_std.exp() * noise, labels).unbind(1))
    return kl.sum(1) - pixels.flatten(1).sum(1)


def bits_per_dim(nats, shape):
    """Nats per image as bits per pixel and channel."""
    return nats / (math.prod(shape.chw) * math.log(2))


def evaluate(model, request, images):
    """Scores of held-out images [B, C, H, W] in [-1, 1]: an upper bound on their bits per dimension, [B].

    Each image's bound is estimated from one code, drawn from its posterior; the estimate has no bias.
    """
    noise = request.noise("posterior", (model.latent,))
    return {"bits_per_dim_bound": bits_per_dim(negative_elbo(model, images, request.labels, noise), request.shape)}


def sample(model, request):
    """The mean of p(x | z) for z from the prior; with `observation_noise`, a draw from it as the model has it."""
    mean, log_scale = model(request.noise("latent", (model.latent,)), request.labels).unbind(1)
    if request.settings["observation_noise"]:
        mean = likelihood.draw(mean, log_scale, request.noise("observation"))
    return mean.clamp(-1, 1)
