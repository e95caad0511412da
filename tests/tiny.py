"""A tiny model whose samples depend on noise, labels and steps; importable by child processes of the tests."""

import torch

from fewstep.diffusion.preconditioning import ConsistencyFunction
from fewstep.nets.unet import UNet

TIMES = {1: [], 2: [0.8], 3: [5.0, 0.8]}


def tiny_model() -> ConsistencyFunction:
    """A consistency function of 8 x 8 grey images and 10 classes with random weights, the output layer included."""
    torch.manual_seed(0)
    net = UNet(1, 1, channels=(16, 16), blocks=1, attention=(1,), classes=10)
    for parameter in net.parameters():
        if parameter.ndim > 1:
            parameter.data.normal_(0, 0.1)
    return ConsistencyFunction(net).eval().requires_grad_(False)
