"""Colour shift: by how much a channel of enlarged images lies above or below that of their truths."""

from torch import Tensor

NAMES = {1: ("grey",), 3: ("red", "green", "blue")}  # by number of channels


def channel_bias(images: Tensor, truths: Tensor) -> dict[str, Tensor]:
    """Mean of image minus truth over the pixels of each channel, by the channel's name, float64 [N]; pixels in [0, 1].

    Args:
        images, truths: [N, C, H, W] in [0, 1], float64, C = 1 or 3.
    """
    shift = (images - truths).flatten(2).mean(dim=2)
    return dict(zip(NAMES[images.shape[1]], shift.unbind(1), strict=True))
