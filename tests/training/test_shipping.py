"""Weights that ship are rounded to half precision where it can hold them, and nowhere else."""

import numpy as np
import pytest
import safetensors.numpy

from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS
from fewstep.training import shipping

SPREAD = np.geomspace(1e-3, 1, 100).astype(np.float32)  # what layers hold


def rounded(**tensors):
    return safetensors.numpy.load(shipping.rounded(safetensors.numpy.save(tensors), "some file"))


@pytest.mark.parametrize(
    ("tensor", "dtype"),
    [
        ([7e4, 1.0, 3e-9], np.float32),  # running variances
        ([-7e4, 0.0], np.float32),
        ([65_504.0, 1.0], np.float16),
        (1e-6 * SPREAD, np.float32),
        ([3e-9], np.float32),
        ([*SPREAD, 3e-9], np.float16),  # one weight that trained to nearly nothing
        ([0.0, 0.0], np.float16),
        (SPREAD, np.float16),
    ],
)
def test_a_tensor_that_half_precision_cannot_hold_stays_as_it_is_and_is_named(tensor, dtype, capsys):
    odd = np.asarray(tensor, np.float32)
    shipped = rounded(odd=odd, plain=SPREAD)
    assert shipped["plain"].dtype == np.float16 and shipped["odd"].dtype == dtype
    np.testing.assert_allclose(shipped["odd"], odd, rtol=2**-11, atol=1e-8)
    sentence = "some file: odd: beyond the range of half precision; kept in float32.\n"
    assert capsys.readouterr().out == (sentence if dtype == np.float32 else "")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_weights_that_are_not_finite_do_not_ship(bad, dtype):
    with pytest.raises(FewstepError, match=r"some file: weight: NaN or infinite values; such weights do not ship\."):
        rounded(weight=np.array([1.0, bad], dtype), plain=SPREAD)


@pytest.mark.parametrize("path", sorted(METHODS.glob("*/weights/*.safetensors")), ids=lambda path: path.parts[-3])
def test_weights_in_the_zoo_come_out_as_they_are(path):
    tensors = safetensors.numpy.load_file(path)
    assert all(
        shipping.fits_half(tensor.astype(np.float32)) for tensor in tensors.values() if tensor.dtype == np.float16
    )
