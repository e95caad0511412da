"""Scoring against the implementations it replaces: equal values always, and how much faster on request.

    OMP_NUM_THREADS=1 pytest tests/benchmarks/test_bench_scoring.py --benchmark-enable

measures at d = 2048 and N = 10,000 (minutes, 4 GB) and asserts ratios of times. Every round times the other
implementation right before ours, so that the load of the machine cancels; the median over the rounds counts.
In the ordinary test run the sizes are small and only the values are compared.
"""

import time
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from cleanfid.fid import frechet_distance as clean_fid_distance
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

from fewstep.scoring.extractors.inception import InceptionExtractor
from fewstep.scoring.metrics.frechet import Gaussian, frechet_distance
from fewstep.scoring.metrics.moments import Moments
from fewstep.scoring.metrics.precision_recall import precision_recall, squared_radii


@pytest.fixture(scope="module")
def full(request) -> bool:
    return request.config.getoption("benchmark_enable")


@pytest.fixture
def compare(benchmark, full):
    """Run ours and theirs in turn; return their values. When measuring, assert the median ratio of times."""

    def run(ours: Callable, theirs: Callable, ratio: float, rounds: int = 5):
        other_times, values = [], []

        def other():
            start = time.perf_counter()
            values[:] = [theirs()]
            other_times.append(time.perf_counter() - start)

        mine = benchmark.pedantic(ours, setup=other, rounds=rounds)
        if full:
            measured = float(np.median(np.array(other_times) / np.array(benchmark.stats.stats.data)))
            benchmark.extra_info["times_faster"] = round(measured, 2)
            print(f"\n{benchmark.name}: {measured:.2f} times faster")
            assert measured >= ratio
        return mine, values[0]

    return run


@pytest.fixture(scope="module")
def feature_sets(full) -> tuple[torch.Tensor, torch.Tensor]:
    """Generated and real features [N, d]: few factors, noise, and a ReLU, as in Inception's."""
    count, dimension = (10_000, 2048) if full else (1000, 256)
    generator = torch.Generator().manual_seed(0)
    mixing = torch.randn(dimension // 8, dimension, generator=generator)

    def draw(scale: float) -> torch.Tensor:
        factors = torch.randn(count, dimension // 8, generator=generator)
        return (factors @ mixing * scale + 0.3 * torch.randn(count, dimension, generator=generator)).relu()

    return draw(0.05), draw(0.055)


@pytest.fixture(scope="module")
def reference(feature_sets) -> Gaussian:
    return Gaussian.fit(Moments.of(feature_sets[1]))


@pytest.fixture(scope="module")
def statistics(feature_sets) -> list[dict[str, np.ndarray]]:
    return [fid_features_to_statistics(features) for features in feature_sets]


def torch_fidelity_distance(generated: dict, real: dict) -> float:
    return fid_statistics_to_metric(generated, real, verbose=False)["frechet_inception_distance"]


@pytest.mark.benchmark(group="frechet")
def test_frechet_distance(compare, feature_sets, reference, statistics):
    """Moments of both sides given."""
    features, moments = feature_sets[0], Moments.of(feature_sets[0])
    mine, theirs = compare(
        lambda: frechet_distance(features, reference, moments),
        lambda: torch_fidelity_distance(*statistics),
        ratio=2.5,
    )
    assert mine == pytest.approx(theirs, rel=1e-6)


@pytest.mark.benchmark(group="frechet")
def test_frechet_distance_and_matrix_square_root(compare, feature_sets, reference, statistics):
    """Moments of both sides given; scipy's sqrtm, as in clean-fid and pytorch-fid."""
    features, moments = feature_sets[0], Moments.of(feature_sets[0])

    def theirs():
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The `disp` argument is deprecated", DeprecationWarning)
            return clean_fid_distance(*(side[key] for side in statistics for key in ("mu", "sigma")))

    mine, value = compare(lambda: frechet_distance(features, reference, moments), theirs, ratio=10, rounds=1)
    assert mine == pytest.approx(value, rel=1e-6)


@pytest.mark.benchmark(group="frechet")
def test_frechet_distance_from_features(compare, feature_sets, reference, statistics):
    """Moments of the generated side included; both have those of the reference."""
    features = feature_sets[0]
    mine, theirs = compare(
        lambda: frechet_distance(features, reference),
        lambda: torch_fidelity_distance(fid_features_to_statistics(features), statistics[1]),
        ratio=1.8,
    )
    assert mine == pytest.approx(theirs, rel=1e-6)


@pytest.mark.benchmark(group="precision and recall")
def test_precision_and_recall(compare, feature_sets):
    """Ours includes density and coverage, and has the reference's radii, which its file holds."""
    generated, real = feature_sets
    radii = dict(zip((3, 5), squared_radii(real, (3, 5)), strict=True))
    mine, theirs = compare(
        lambda: precision_recall(generated, real, radii),
        lambda: prc_features_to_metric(generated, real, verbose=False),
        ratio=1.6,
        rounds=3,
    )
    assert mine.precision.value == pytest.approx(theirs["precision"], abs=1e-7)
    assert mine.recall.value == pytest.approx(theirs["recall"], abs=1e-7)


@pytest.mark.benchmark(group="inception")
def test_inception_features(compare, full, inception_weights, pictures):
    path, sha256 = inception_weights
    extractor = InceptionExtractor(path, sha256=sha256)
    network = FeatureExtractorInceptionV3(
        "theirs", ["2048", "logits_unbiased"], feature_extractor_weights_path=str(path)
    )
    images = pictures(extractor.batch_size if full else 2, seed=0)
    channels_first = torch.from_numpy(images).permute(0, 3, 1, 2)
    with torch.inference_mode():
        mine, theirs = compare(
            lambda: extractor.features(images, progress=False), lambda: network(channels_first), ratio=1.5
        )
    for ours, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(ours, other, atol=1e-3 * float(other.std()), rtol=0)
