"""The one rule between network output and pixels."""

import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.images.pixels import from_uint8, grey_levels, to_uint8


def test_every_grey_level_survives_the_round_trip():
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    assert np.array_equal(to_uint8(from_uint8(levels)), levels)


def test_grey_levels_are_those_of_the_pixels_and_not_rounded():
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    assert grey_levels(from_uint8(levels)).flatten().tolist() == pytest.approx(range(256), abs=1e-4)
    assert grey_levels(torch.tensor([0.0, 0.001])).tolist() == pytest.approx([127.5, 127.6275])


def test_channels_come_last_and_values_are_rounded_and_clipped():
    x = torch.tensor([-1.0, 1.0, -3.0, 7.0, 0.0]).reshape(1, 5, 1, 1)
    assert to_uint8(x).tolist() == [[[[0, 255, 0, 255, 128]]]]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_numbers_of_every_precision_round_to_the_nearest_grey_level(dtype):
    x = torch.linspace(-1.1, 1.1, 20_001).to(dtype).reshape(1, 1, 1, -1)
    exact = np.clip(np.round(127.5 * x.double().numpy() + 127.5), 0, 255).reshape(1, 1, -1, 1)
    assert np.array_equal(to_uint8(x), exact)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_non_finite_samples_are_refused_and_named(bad):
    x = torch.zeros(4, 1, 2, 2)
    x[2, 0, 1, 1] = bad
    with pytest.raises(FewstepError, match="samples 102 hold NaN or infinite"):
        to_uint8(x, indices=[100, 101, 102, 103])
