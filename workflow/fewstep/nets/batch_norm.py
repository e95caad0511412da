"""Batch normalisation for sampling: statistics that are measured once, after training."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def measuring(model: nn.Module) -> Iterator[None]:
    """Set the running statistics of the batch norms of `model` to their plain mean over the batches seen inside.

    Statistics that were collected in training lag behind the last weights, and do not belong to averaged ones. The
    model is left in evaluation mode, where a sample does not depend on the others in its batch (Brock et al. 2019).
    """
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the mean over all batches that follow
    model.train()
    with torch.no_grad():
        yield
    model.eval()
