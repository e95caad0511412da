"""How well an enlarged image, reduced again, agrees with the image that it was made from (Saharia et al. 2021)."""

from torch import Tensor

from fewstep.images.resampling import downsample


def consistency(images: Tensor, low_resolution: Tensor) -> Tensor:
    """Mean squared error of D(image) to the input of each image, for pixels in [0, 1], float64 [N].

    The paper does not say which range its numbers (times 1e-5) are for; on [-1, 1] the same images give four times as
    much. D is the very operator that made the inputs, without rounding: of the true images nothing but the round-off of
    float64 is left.

    Args:
        images: [N, C, H, W] in [-1, 1], float64.
        low_resolution: the inputs [N, C, h, h] in [-1, 1], float64.
    """
    again = downsample(images, low_resolution.shape[-1])
    return ((again - low_resolution) / 2).square().flatten(1).mean(dim=1)
