import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.scoring.metrics.moments import Moments


@pytest.fixture
def features() -> torch.Tensor:
    return torch.randn(1000, 7, generator=torch.Generator().manual_seed(0)) + 100


def test_moments_are_numpys(features):
    moments = Moments.of(features)
    values = features.double().numpy()
    assert moments.count == 1000
    np.testing.assert_allclose(moments.mean, values.mean(0), rtol=1e-14)
    np.testing.assert_allclose(moments.covariance, np.cov(values, rowvar=False), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("size", [1, 7, 999])
def test_the_size_of_blocks_does_not_matter(features, size):
    whole, streamed = Moments.of(features), Moments.of_blocks(iter(features.split(size)))
    assert streamed.count == whole.count
    torch.testing.assert_close(streamed.mean, whole.mean, rtol=1e-13, atol=0)
    torch.testing.assert_close(streamed.covariance, whole.covariance, rtol=1e-10, atol=1e-12)


def test_one_sample_has_no_covariance():
    with pytest.raises(FewstepError, match="at least 2 samples"):
        Moments.of(torch.zeros(1, 3))
