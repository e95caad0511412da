"""The codebook of a vector-quantised auto-encoder: moving averages instead of gradients, and no dead codes."""

import torch
import torch.nn.functional as F
from torch import nn

SMOOTHING = 1e-5  # Laplace smoothing of the counts


class Codebook(nn.Module):
    """Vectors [size, dimension], each the moving average of the encoder's outputs that are nearest to it.

    Args:
        size: number of codes.
        dimension: of a code's vector.
        decay: of the moving averages, per batch.
        restart_below: a code that is used less often than this per batch (moving average) is dead.
    """

    def __init__(self, size, dimension, decay=0.99, restart_below=1.0):
        super().__init__()
        self.decay, self.restart_below = decay, restart_below
        self.register_buffer("vectors", torch.randn(size, dimension))
        self.register_buffer("counts", torch.ones(size))
        self.register_buffer("sums", self.vectors.clone())

    def nearest(self, outputs):
        """Codes int64 [B, H, W] with the smallest squared distance to encoder outputs [B, dimension, H, W]."""
        products = torch.einsum("bdhw,kd->bhwk", outputs, self.vectors)
        return (self.vectors.square().sum(dim=1) - 2 * products).argmin(dim=3)

    def lookup(self, codes):
        """Vectors [B, dimension, H, W] of codes [B, H, W]."""
        return F.embedding(codes, self.vectors).movedim(3, 1)

    @torch.no_grad()
    def update(self, outputs, codes):
        """One step of the averages n <- a n + (1 - a) count, m <- a m + (1 - a) sum; a vector is m / n.

        Then dead codes start again at random outputs of the batch, drawn by torch's generator.
        """
        flat, size = outputs.movedim(1, 3).flatten(0, 2), len(self.counts)
        hits = F.one_hot(codes.flatten(), size).to(flat.dtype)
        self.counts.lerp_(hits.sum(dim=0), 1 - self.decay)
        self.sums.lerp_(hits.T @ flat, 1 - self.decay)
        total = self.counts.sum()
        smooth = (self.counts + SMOOTHING) / (total + size * SMOOTHING) * total
        self.vectors.copy_(self.sums / smooth[:, None])
        dead = self.counts < self.restart_below
        chosen = flat[torch.randint(len(flat), (size,)).to(flat.device)]
        self.vectors[dead] = chosen[dead]
        self.sums[dead] = chosen[dead]
        self.counts[dead] = 1.0


def straight_through(outputs, vectors):
    """The vectors, with the gradient passed to the encoder's outputs as if nothing had been quantised."""
    return outputs + (vectors - outputs).detach()
