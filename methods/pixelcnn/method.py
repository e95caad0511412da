"""Gated PixelCNN (van den Oord et al. 2016): pixels one after the other, each from its exact distribution."""

import math

import torch.nn.functional as F

from fewstep.images.noise import uniform
from fewstep.nets.gated_pixelcnn import GatedPixelCNN, draw
from fewstep.training.loop import minimise

LEVELS = 256  # grey levels of a pixel, the categories of the softmax


def build(recipe, shape):
    """The network over H x WC values: the channels of a pixel are neighbouring columns, in the order R, G, B."""
    return GatedPixelCNN(
        shape.height,
        shape.width * shape.channels,
        LEVELS,
        classes=shape.classes,
        period=shape.channels,
        **recipe["network"],
    )


def train(run):
    """Maximum likelihood; returns the averaged weights."""
    model = build(run.recipe, run.shape).to(run.device)
    return minimise(run, model, lambda model, batch, k: nats(model, batch.images, batch.labels).mean(), clip=1.0)


def nats(model, images, labels):
    """-ln p(value | values before it), [B, H, WC], of images [B, C, H, W] in [-1, 1]."""
    values = to_values(images)
    return F.cross_entropy(model.logits(values, labels), values, reduction="none")


def sample(model, request):
    """Draw pixel after pixel: H x W x C evaluations, each by inverse CDF from the pixel's own random number."""
    values = draw(model, interleaved(uniform(request.noise())), request.labels)
    return to_images(values, request.shape)


def evaluate(model, request, images):
    """Exact negative log-likelihood of each image, in bits per dimension (pixel and channel)."""
    return {"bits_per_dim": nats(model, images, request.labels).flatten(1).mean(dim=1) / math.log(2)}


def to_values(images):
    """Grey levels int64 [B, H, WC] of images [B, C, H, W] in [-1, 1]."""
    return interleaved((127.5 * images + 127.5).round().long())


def to_images(values, shape):
    """Images [B, C, H, W] in [-1, 1] of grey levels [B, H, WC]."""
    return (values / 127.5 - 1).unflatten(2, (shape.width, shape.channels)).permute(0, 3, 1, 2)


def interleaved(images):
    """[B, C, H, W] as [B, H, WC]."""
    return images.permute(0, 2, 3, 1).flatten(2)
