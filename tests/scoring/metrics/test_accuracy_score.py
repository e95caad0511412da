"""Accuracies of known classifiers, and intervals that hold seeds and images."""

import numpy as np
import pytest

from fewstep.base.statistics import wilson_interval
from fewstep.scoring.metrics.accuracy_score import accuracy, by_class, gap, ratio


def draw(share: float, fits: int, images: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((fits, images)) < share


def test_one_classifier_has_the_binomial_interval():
    correct = draw(0.8, 1, 500)
    score = accuracy(correct)
    assert score.value == correct.mean()
    assert (score.low, score.high) == pytest.approx(wilson_interval(int(correct.sum()), 500))


def test_classifiers_that_agree_say_no_more_than_one():
    """Ten fits that are right about the same images do not shrink what the choice of images leaves open."""
    once = draw(0.8, 1, 500)
    assert accuracy(np.repeat(once, 10, axis=0)) == pytest.approx(accuracy(once))


def test_the_spread_of_the_seeds_is_in_the_interval():
    shares = np.array([[0.5], [0.7], [0.9]])
    score = accuracy(np.arange(1000) / 1000 < shares)
    assert score.value == pytest.approx(0.7)
    assert score.high - score.value == pytest.approx(0.3) and score.low < 0.3  # t with 2 degrees of freedom: +- 0.497


def test_the_interval_covers_when_images_and_seeds_both_vary():
    rng, covered = np.random.default_rng(0), 0
    for _ in range(300):
        ability = 0.7 + 0.03 * rng.standard_normal((3, 1))  # of a classifier, by its seed
        found = accuracy(rng.random((3, 200)) < ability)
        covered += found.low <= 0.7 <= found.high
    assert covered / 300 > 0.93


def test_nothing_and_everything_right_keep_an_interval():
    assert accuracy(np.zeros((3, 100), bool)).high > 0.02 and accuracy(np.ones((3, 100), bool)).low < 0.98


def test_by_class_splits_the_test_images():
    labels = np.array([0, 0, 0, 0, 2, 2])
    correct = np.array([[True, True, True, False, False, False], [True, True, False, False, True, False]])
    assert {k: score.value for k, score in by_class(correct, labels).items()} == {0: 5 / 8, 2: 1 / 4}


def test_gap_and_ratio_of_a_score_to_itself():
    score = accuracy(draw(0.8, 3, 500))
    assert gap(score, score).value == 0 and ratio(score, score).value == 1
    assert gap(score, score).low < 0 < gap(score, score).high and ratio(score, score).low < 1 < ratio(score, score).high


def test_gap_and_ratio_cover_the_truth():
    covered = np.zeros(2)
    for seed in range(300):
        score, real = accuracy(draw(0.6, 1, 300, 2 * seed)), accuracy(draw(0.9, 1, 300, 2 * seed + 1))
        for i, (found, truth) in enumerate([(gap(score, real), -0.3), (ratio(score, real), 0.6 / 0.9)]):
            covered[i] += found.low <= truth <= found.high
    assert (np.abs(covered / 300 - 0.95) < 0.04).all()
