"""The one reduction and the one enlargement: Pillow's bicubic, anti-aliased on the way down."""

import numpy as np
import pytest
import torch
from PIL import Image

from fewstep.images.resampling import downsample, upsample


def pillow(image, side):
    """Pillow's bicubic of a float image [H, W]."""
    return np.asarray(Image.fromarray(image.astype(np.float32)).resize((side, side), Image.BICUBIC))


@pytest.mark.parametrize(("size", "side"), [(28, 7), (28, 14), (32, 8), (8, 4), (28, 9)])
def test_both_ways_are_pillows_bicubic(size, side):
    rng = np.random.default_rng(0)
    large, small = 0.3 * rng.standard_normal((2, 1, size, size)), 0.3 * rng.standard_normal((2, 1, side, side))
    down, up = downsample(torch.tensor(large), side), upsample(torch.tensor(small), size)
    for i in range(2):
        np.testing.assert_allclose(down[i, 0], pillow(large[i, 0], side).clip(-1, 1), atol=2e-6)
        np.testing.assert_allclose(up[i, 0], pillow(small[i, 0], size), atol=2e-6)


def test_a_constant_stays_and_values_are_clipped_on_the_way_down_alone():
    flat = torch.full((1, 3, 12, 12), 0.25)
    assert torch.allclose(downsample(flat, 5), torch.tensor(0.25)) and torch.allclose(
        upsample(flat, 30), flat[0, 0, 0, 0]
    )
    edge = torch.ones(1, 1, 12, 12)
    edge[..., :6] = -1
    assert downsample(edge, 4).abs().max() <= 1 < upsample(edge, 30).abs().max()


def test_detail_that_the_small_image_cannot_hold_is_averaged_and_not_folded_into_it():
    stripes = torch.ones(1, 1, 32, 32)
    stripes[..., ::2] = -1
    assert downsample(stripes, 8)[..., 1:-1].abs().max() < 0.05


def test_an_image_does_not_depend_on_its_batch():
    images = torch.rand(5, 3, 32, 32) * 2 - 1
    assert torch.equal(downsample(images, 8)[3:4], downsample(images[3:4], 8))
    assert torch.equal(upsample(images, 40)[3:4], upsample(images[3:4], 40))
