"""Copies are found, neighbours of healthy samples are not."""

import pytest
import torch

from fewstep.scoring.metrics.duplicates import NEAR, duplicate_rate, neighbour_distance


def draw(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, 16, generator=torch.Generator().manual_seed(seed))


def test_the_usual_distance_is_the_median_to_the_nearest_other():
    line = torch.tensor([[0.0], [1.0], [3.0], [6.0], [10.0]])
    assert neighbour_distance(line) == pytest.approx(4)  # 1, 1, 4, 9, 16


def test_independent_draws_have_no_copies():
    rate = duplicate_rate(draw(500, 1), neighbour_distance(draw(500)))
    assert rate.value == 0 and rate.interval.low == 0 and 0 < rate.interval.high < 0.02


@pytest.mark.parametrize("blur", [0.0, 1e-3])
def test_copies_are_counted_also_when_they_differ_a_little(blur):
    samples = draw(400, 1)
    samples[300:] = samples[:100] + blur * draw(100, 2)
    assert duplicate_rate(samples, neighbour_distance(draw(400))).value == pytest.approx(200 / 400)


def test_a_single_image_over_and_over_is_all_copies():
    assert duplicate_rate(draw(1).expand(50, -1), neighbour_distance(draw(400))).value == 1


def test_real_images_that_come_twice_do_not_hide_a_collapse():
    twice = neighbour_distance(draw(400).repeat(2, 1))
    assert twice == pytest.approx(neighbour_distance(draw(400)), rel=1e-3)
    assert duplicate_rate(draw(1).expand(100, -1), twice).value == 1
    assert duplicate_rate(draw(500, 1), twice).value == 0


def test_a_reference_of_one_image_leaves_exact_copies_to_be_found():
    usual = neighbour_distance(draw(1).expand(50, -1))
    assert usual == 0
    assert duplicate_rate(torch.cat([draw(50, 1), draw(50, 1)]), usual).value == 1
    assert duplicate_rate(draw(100, 1), usual).value == 0


def test_the_measure_is_relative_to_the_scale_of_the_features():
    near = torch.tensor([[0.0], [0.99 * NEAR], [9.0], [9.0 + 1.01 * NEAR]])
    assert duplicate_rate(near, 1.0).value == duplicate_rate(1000 * near, 1e6).value == 0.5
