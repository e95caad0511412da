import numpy as np
import pytest
import torch
from torch_fidelity.metric_kid import kid_features_to_metric

from fewstep.scoring.metrics.kid import kernel_distance, mean_kernel


def draw(count: int, seed: int, scale: float = 1.0, dimension: int = 16) -> torch.Tensor:
    return scale * torch.randn(count, dimension, generator=torch.Generator().manual_seed(seed)).exp()


def test_equals_the_sum_over_all_pairs():
    generated, real = draw(40, 0).double(), draw(50, 1).double()

    def kernel(a, b):
        return (a @ b.T / 16 + 1) ** 3

    def off_diagonal_mean(k):
        return (k.sum() - k.trace()) / (len(k) * (len(k) - 1))

    expected = off_diagonal_mean(kernel(generated, generated)) + off_diagonal_mean(kernel(real, real))
    expected = float(expected - 2 * kernel(generated, real).mean())
    ours = kernel_distance(generated.float(), real.float(), mean_kernel(real.float()))
    assert ours.value == pytest.approx(expected, rel=1e-5)


def test_torch_fidelitys_value_is_the_mean_of_this_one_over_its_subsets():
    generated, real = draw(120, 0, scale=1.3), draw(150, 1)
    theirs = kid_features_to_metric(generated, real, kid_subsets=20, kid_subset_size=80, verbose=False)
    rng, values = np.random.RandomState(2020), []
    for _ in range(20):
        a = generated[rng.choice(120, 80, replace=False)]
        b = real[rng.choice(150, 80, replace=False)]
        values.append(kernel_distance(a, b, mean_kernel(b)).value)
    assert np.mean(values) == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-5)


@pytest.mark.parametrize("block", [1, 33, 1000])
def test_the_size_of_blocks_does_not_matter(block):
    generated, real = draw(100, 0), draw(90, 1)
    whole = kernel_distance(generated, real, mean_kernel(real))
    blocked = kernel_distance(generated, real, mean_kernel(real, block=block), block=block)
    assert blocked.value == pytest.approx(whole.value, rel=1e-5)
    assert blocked.standard_error == pytest.approx(whole.standard_error, rel=1e-5)


@pytest.mark.parametrize("scale", [1.0, 1.02, 1.2], ids=["null", "near", "far"])
def test_standard_error_is_the_spread_over_samples(scale):
    real = draw(1000, 10**6) / 4
    kernel = mean_kernel(real)
    results = [kernel_distance(draw(400, seed, scale) / 4, real, kernel) for seed in range(300)]
    spread = np.std([result.value for result in results])
    assert np.sqrt(np.mean([r.standard_error**2 for r in results])) == pytest.approx(spread, rel=0.2)


def test_unbiased_when_the_model_is_the_data():
    """Over draws of both sides the mean is 0, not a positive bias of order 1/N."""
    values = [
        kernel_distance(draw(100, 2 * s) / 4, b := draw(100, 2 * s + 1) / 4, mean_kernel(b)).value for s in range(300)
    ]
    assert abs(np.mean(values)) < 3 * np.std(values) / 300**0.5
