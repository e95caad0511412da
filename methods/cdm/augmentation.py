"""What training does to the low-resolution image that a stage is shown, lest the stage trust it fully (section 4)."""

import torch
import torch.nn.functional as F

from .levels import noised

BLURRED = 0.5  # share of the training examples; none when sampling


def augment(z, uniform, normal, settings):
    """Low-resolution images as a super-resolution stage sees them in training, and the level s [B] of their noise.

    Args:
        z: true low-resolution images [B, C, h, w].
        uniform: a function that draws numbers [B] from [0, 1).
        normal: a function of a shape that draws standard normal noise.
        settings: `s_max`, up to which s is drawn uniformly (0 unless given), and `blur`, the range of the Gaussian's
            standard deviation in low-resolution pixels (none unless given).
    """
    s = settings.get("s_max", 0.0) * uniform()
    z = noised(z, s, normal(z.shape))
    if "blur" in settings:
        least, most = settings["blur"]
        chosen = (uniform() < BLURRED).reshape(-1, 1, 1, 1)
        z = torch.where(chosen, blurred(z, least + (most - least) * uniform()), z)
    return z, s


def blurred(z, sigma):
    """Images [B, C, h, w] convolved with a 3 x 3 Gaussian of standard deviations sigma [B], mirrored at the edges."""
    beside = torch.exp(-0.5 / sigma**2)
    taps = torch.stack([beside, torch.ones_like(beside), beside]) / (1 + 2 * beside)
    for dim, margins in ((3, (1, 1, 0, 0)), (2, (0, 0, 1, 1))):
        wider = F.pad(z, margins, mode="reflect")
        z = sum(taps[k].reshape(-1, 1, 1, 1) * wider.narrow(dim, k, z.shape[dim]) for k in range(3))
    return z
