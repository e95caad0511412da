"""Brightness and contrast of uint8 images, relative to real ones."""

import numpy as np
import pytest

from fewstep.scoring.metrics.pixel_statistics import pixel_statistics, relative


def images(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 120, (count, 6, 6, 3), dtype=np.uint8)


def test_mean_and_deviation_of_each_image():
    made = np.zeros((2, 2, 2, 1), np.uint8)
    made[1, 0] = 200
    assert pixel_statistics(made).tolist() == [[0, 0], [100, 100]]
    whole = images(5)
    assert pixel_statistics(whole) == pytest.approx(
        np.stack([whole.reshape(5, -1).mean(1), whole.reshape(5, -1).std(1)], axis=1), rel=1e-5
    )


def test_scaling_the_pixels_scales_both():
    statistics = pixel_statistics(images(50))
    real = tuple(statistics.mean(axis=0).tolist())
    for factor in (1, 2):
        brightness, contrast = relative(pixel_statistics(factor * images(50)), real)
        assert brightness.value == pytest.approx(factor, rel=1e-5)
        assert contrast.value == pytest.approx(factor, rel=1e-5)


def test_a_constant_shift_is_brightness_alone():
    real = tuple(pixel_statistics(images(50)).mean(axis=0).tolist())
    brightness, contrast = relative(pixel_statistics(images(50) + np.uint8(30)), real)
    assert brightness.value == pytest.approx(1 + 30 / real[0], rel=1e-4)
    assert contrast.value == pytest.approx(1, rel=1e-4)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    real = tuple(pixel_statistics(images(20_000)).mean(axis=0, dtype=np.float64).tolist())
    hits = 0
    for seed in range(200):
        brightness, _ = relative(pixel_statistics(images(60, seed + 1)), real)
        hits += brightness.interval.low <= 1 <= brightness.interval.high
    assert hits >= 178
