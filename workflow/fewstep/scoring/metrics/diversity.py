"""How much the images of one input differ between seeds: a generator that drops modes repeats itself."""

from torch import Tensor


def diversity(images: Tensor) -> Tensor:
    """Standard deviation between seeds of each input's pixels, float64 [N], in units of the pixels.

    The root of the mean over pixels and channels of the unbiased variance between seeds; 0 where every seed gives the
    same image.

    Args:
        images: [K, N, C, H, W], one entry of the first dimension for each of K >= 2 seeds.
    """
    return images.var(dim=0, unbiased=True).flatten(1).mean(dim=1).sqrt()
