import numpy as np
import pytest
import torch
from cleanfid.resize import build_resizer
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

from fewstep.scoring.extractors.resize import RESIZES, clean_bicubic, tf1_bilinear


def noise(height: int, width: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(height)
    return torch.randint(256, (2, 3, height, width), generator=generator).float()


@pytest.mark.parametrize("size", [(8, 8), (32, 32), (28, 64), (299, 299), (400, 320)])
def test_tf1_bilinear_is_torch_fidelitys(size):
    images = noise(*size)
    expected = interpolate_bilinear_2d_like_tensorflow1x(images, size=(299, 299), align_corners=False)
    assert (tf1_bilinear(images) - expected).abs().max() < 1e-4


@pytest.mark.parametrize("size", [(32, 32), (28, 64), (299, 299), (400, 320)])
def test_clean_bicubic_is_clean_fids_pillow_resize(size):
    images = noise(*size)
    resize = build_resizer("clean")
    expected = np.stack([resize(image.permute(1, 2, 0).numpy().astype(np.uint8)) for image in images])
    assert (clean_bicubic(images).permute(0, 2, 3, 1) - torch.from_numpy(expected)).abs().max() < 4e-4


@pytest.mark.parametrize("name", RESIZES)
def test_a_flat_image_stays_flat(name):
    flat = torch.full((1, 3, 32, 32), 77.0)
    torch.testing.assert_close(RESIZES[name](flat), torch.full((1, 3, 299, 299), 77.0), rtol=1e-6, atol=1e-4)


def test_the_two_resizes_are_not_interchangeable():
    images = noise(32, 32)
    assert (tf1_bilinear(images) - clean_bicubic(images)).abs().mean() > 5
