"""The Frechet distance against analysis and two other implementations; its errors against simulation."""

import numpy as np
import pytest
import torch
from cleanfid.fid import frechet_distance as cleanfid_distance
from torch_fidelity.metric_fid import fid_statistics_to_metric

from fewstep.scoring.metrics.frechet import Gaussian, estimate, frechet_distance
from fewstep.scoring.metrics.frechet_expansion import covariance_root
from fewstep.scoring.metrics.moments import Moments


def draw(count: int, dimension: int, seed: int, scale: float = 1.0, shift: float = 0.0) -> torch.Tensor:
    """Correlated, skewed, non-negative features, as after a ReLU."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(dimension, dimension, generator=torch.Generator().manual_seed(99)) / dimension**0.5
    return (torch.randn(count, dimension, generator=generator) @ mixing * scale + shift).relu()


def fit(features: torch.Tensor) -> Gaussian:
    return Gaussian.fit(Moments.of(features))


def test_distance_of_two_gaussians_is_the_closed_form():
    mean, deviations, others = (
        torch.tensor([1.0, -2.0, 0.5]),
        torch.tensor([1.0, 2.0, 3.0]),
        torch.tensor([2.0, 1.0, 3.0]),
    )
    exact = Moments(10, mean.double(), torch.diag(deviations.double() ** 2))
    reference = Gaussian.fit(Moments(10, torch.zeros(3).double(), torch.diag(others.double() ** 2)))
    expected = float(mean.square().sum() + (deviations - others).square().sum())
    assert frechet_distance(torch.empty(0, 3), reference, exact) == pytest.approx(expected, rel=1e-14)


def test_distance_of_gaussians_that_do_not_commute():
    # [[a, b], [b, a]] against the identity: tr (S1 S2)^(1/2) = sqrt(a + b) + sqrt(a - b).
    exact = Moments(10, torch.zeros(2).double(), torch.tensor([[5.0, 4.0], [4.0, 5.0]]).double())
    reference = Gaussian.fit(Moments(10, torch.zeros(2).double(), torch.eye(2).double()))
    assert frechet_distance(torch.empty(0, 2), reference, exact) == pytest.approx(10 + 2 - 2 * (3 + 1), rel=1e-14)


@pytest.mark.parametrize(("count", "dimension"), [(500, 32), (20, 32), (32, 32)])
def test_identical_sets_are_at_distance_zero(count, dimension):
    features = draw(count, dimension, seed=1)
    reference = fit(features)
    size = float(reference.moments.covariance.trace())
    assert abs(frechet_distance(features, reference)) < 1e-12 * size


def test_order_of_samples_does_not_matter():
    features, reference = draw(300, 16, seed=1, scale=1.2), fit(draw(400, 16, seed=2))
    shuffled = features[torch.randperm(300, generator=torch.Generator().manual_seed(0))]
    assert frechet_distance(shuffled, reference) == pytest.approx(frechet_distance(features, reference), rel=1e-11)


def test_scaling_both_sides_scales_the_distance_by_the_square():
    features, real = draw(300, 16, seed=1, scale=1.2), draw(400, 16, seed=2)
    distance = frechet_distance(features, fit(real))
    assert frechet_distance(features * 4, fit(real * 4)) == pytest.approx(16 * distance, rel=1e-10)


def reference_statistics(features: torch.Tensor) -> dict[str, np.ndarray]:
    # In float64: torch-fidelity's own statistics average in float32, which costs 6e-7.
    values = features.double().numpy()
    return {"mu": values.mean(0), "sigma": np.cov(values, rowvar=False)}


@pytest.mark.filterwarnings("ignore:The `disp` argument is deprecated:DeprecationWarning")  # in clean-fid
def test_agrees_with_torch_fidelity_and_clean_fid():
    features, real = draw(800, 128, seed=1, scale=1.1, shift=0.05), draw(900, 128, seed=2)
    ours = frechet_distance(features, fit(real))
    generated, target = reference_statistics(features), reference_statistics(real)
    theirs = fid_statistics_to_metric(generated, target, verbose=False)["frechet_inception_distance"]
    assert ours == pytest.approx(theirs, rel=1e-6)
    assert ours == pytest.approx(
        cleanfid_distance(generated["mu"], generated["sigma"], target["mu"], target["sigma"]), rel=1e-6
    )


def test_fewer_samples_than_features_agrees_with_the_eigenvalue_route_up_to_its_round_off():
    features, real = draw(60, 128, seed=1, scale=1.1), draw(900, 128, seed=2)
    ours = frechet_distance(features, fit(real))
    theirs = fid_statistics_to_metric(reference_statistics(features), reference_statistics(real), verbose=False)[
        "frechet_inception_distance"
    ]
    assert ours == pytest.approx(theirs, rel=1e-5)


@pytest.mark.parametrize("dead", [0, 5])
def test_a_dead_feature_of_the_reference_does_not_break_the_root(dead):
    real = draw(300, 16, seed=2)
    real[:, :dead] = 0.25
    covariance = Moments.of(real).covariance
    root = covariance_root(covariance)
    assert root.shape == (16, 16 - dead)
    torch.testing.assert_close(root @ root.T, covariance, rtol=1e-10, atol=1e-12)


def test_a_dead_feature_of_the_reference_counts_with_its_own_variance():
    features, real = draw(300, 16, seed=1), draw(300, 16, seed=2)
    real[:, 0] = 0.25
    without = frechet_distance(features[:, 1:], fit(real[:, 1:]))
    extra = features[:, 0].double().var() + (features[:, 0].double().mean() - 0.25).square()
    assert frechet_distance(features, fit(real)) == pytest.approx(without + float(extra), rel=1e-9)


def test_collapsed_samples_are_scored():
    reference = fit(draw(300, 16, seed=2))
    collapsed = reference.moments.mean.float().expand(50, 16)
    result = estimate(collapsed, reference)
    assert result.value == pytest.approx(float(reference.moments.covariance.trace()), rel=1e-6)
    assert result.standard_error == pytest.approx(0, abs=1e-6)


def test_bias_of_the_null_case_is_the_gaussian_formula():
    """Gaussian features, model = data: tr(S)/N + (sum_ij l_i l_j / (l_i + l_j) + sum_i l_i / 2) / 2N."""
    eigenvalues = torch.linspace(0.5, 3, 16).double()
    count = 20000
    features = torch.randn(count, 16, generator=torch.Generator().manual_seed(0)) * eigenvalues.sqrt().float()
    reference = Gaussian.fit(Moments(10**6, torch.zeros(16).double(), torch.diag(eigenvalues)))
    pairs = eigenvalues[:, None] * eigenvalues / (eigenvalues[:, None] + eigenvalues)
    expected = (eigenvalues.sum() + (pairs.sum() + eigenvalues.sum() / 2) / 2) / count
    result = estimate(features, reference)
    assert result.bias == pytest.approx(float(expected), rel=0.02)
    assert result.value == pytest.approx(result.bias, rel=0.3)  # all of it is bias


def test_the_bias_cannot_be_predicted_below_the_dimension():
    result = estimate(draw(20, 32, seed=1), fit(draw(500, 32, seed=2)))
    assert result.bias is None and result.corrected is None
    assert result.standard_error > 0


@pytest.fixture(scope="module")
def simulation() -> dict[str, np.ndarray]:
    """300 samples of 1,000 from skewed sources (kurtosis 9), rescaled and shifted; true moments known."""
    dimension, count, draws = 16, 1000, 300
    generator = torch.Generator().manual_seed(5)
    rotation = torch.linalg.qr(torch.randn(dimension, dimension, generator=generator)).Q
    scales = torch.linspace(0.5, 2, dimension)
    real = (rotation * scales) @ rotation.T
    reference = Gaussian.fit(Moments(10**6, torch.zeros(dimension).double(), (real @ real).double()))
    other = (rotation * scales * torch.linspace(1.2, 0.8, dimension)) @ rotation.T
    shift = torch.full((dimension,), 0.05)
    exact = Moments(10**6, shift.double(), (other @ other).double())
    truth = frechet_distance(torch.empty(0, dimension), reference, exact)
    results = []
    for _ in range(draws):
        sources = torch.empty(count, dimension).exponential_(generator=generator) - 1
        results.append(estimate(sources @ other + shift, reference))
    columns = (
        "value",
        "standard_error",
        "bias",
        "corrected",
        "corrected_standard_error",
        "bias_standard_error",
    )
    return {name: np.array([getattr(r, name) for r in results]) for name in columns} | {"truth": np.array(truth)}


def test_standard_error_is_the_spread_over_samples(simulation):
    assert simulation["standard_error"].mean() == pytest.approx(simulation["value"].std(), rel=0.15)


def test_predicted_bias_is_the_excess_over_the_truth(simulation):
    excess = simulation["value"].mean() - simulation["truth"]
    noise = simulation["value"].std() / 300**0.5
    assert simulation["bias"].mean() == pytest.approx(excess, abs=3 * noise)
    assert excess > 5 * noise  # or there was nothing to predict


def covered(truth, values, errors) -> float:
    return float((np.abs(values - truth) <= 1.96 * errors).mean())


def test_corrected_interval_covers_the_truth(simulation):
    share = covered(simulation["truth"], simulation["corrected"], simulation["corrected_standard_error"])
    assert 0.91 <= share <= 0.985


def test_raw_interval_covers_the_expected_value_at_this_count(simulation):
    share = covered(simulation["value"].mean(), simulation["value"], simulation["standard_error"])
    assert 0.91 <= share <= 0.985
    # and not the truth: the reason for the correction
    assert covered(simulation["truth"], simulation["value"], simulation["standard_error"]) < share - 0.1


def standard_normal(dimension: int) -> Gaussian:
    return Gaussian.fit(Moments(10**6, torch.zeros(dimension).double(), torch.eye(dimension).double()))


def test_standard_error_of_a_pure_shift():
    """N(m, I) against N(0, I): FD = |m|^2, whose error is 2 |m| / sqrt(N)."""
    count, shift = 20_000, torch.tensor([3.0, 0.0, 4.0, 0.0])
    features = torch.randn(count, 4, generator=torch.Generator().manual_seed(0)) + shift
    result = estimate(features, standard_normal(4))
    assert result.value == pytest.approx(25, rel=0.02)
    assert result.standard_error == pytest.approx(2 * 5 / count**0.5, rel=0.03)


@pytest.mark.parametrize(("dimension", "count", "scale"), [(16, 200, 0.7), (8, 100, 1.5)])
def test_standard_error_of_the_corrected_value_knows_that_the_bias_is_estimated(dimension, count, scale):
    generator, reference = torch.Generator().manual_seed(0), standard_normal(dimension)
    results = [
        estimate(scale * (torch.empty(count, dimension).exponential_(generator=generator) - 1), reference)
        for _ in range(400)
    ]
    spread = np.std([result.corrected for result in results])
    assert np.mean([result.corrected_standard_error for result in results]) == pytest.approx(spread, rel=0.15)


def test_fewer_samples_than_features_is_exact():
    """Against the identity, tr (S1 S2)^(1/2) is the sum of the singular values of the centred samples."""
    features = draw(20, 64, seed=1).double()
    centred = features - features.mean(0)
    cross = np.linalg.svd(centred.numpy(), compute_uv=False).sum() / 19**0.5
    expected = features.mean(0).square().sum() + centred.square().sum() / 19 + 64 - 2 * cross
    assert frechet_distance(features, standard_normal(64)) == pytest.approx(float(expected), rel=1e-12)
