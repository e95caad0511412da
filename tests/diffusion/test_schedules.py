"""Noise levels and curricula against the values that the papers and their code give."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from fewstep.diffusion import schedules

GRID_18 = [80, 57.586, 40.786, 28.375, 19.352, 12.910, 8.401, 5.315, 3.257, 1.923, 1.088, 0.5853, 0.2964, 0.1395]
GRID_18 += [0.0599, 0.0229, 0.0075, 0.002]


def test_the_grid_of_18_levels():
    assert schedules.karras_grid(18).tolist() == pytest.approx(GRID_18, rel=5e-3, abs=5e-5)


@pytest.mark.parametrize("count", [2, 3, 40, 256])
def test_a_grid_falls_from_end_to_end_evenly_in_the_seventh_root(count):
    grid = schedules.karras_grid(count)
    assert len(grid) == count and grid.dtype == torch.float64
    assert (grid[0].item(), grid[-1].item()) == pytest.approx((80, 0.002), rel=1e-12)
    steps = (grid ** (1 / 7)).diff()
    assert (steps < 0).all() and torch.allclose(steps, steps.mean(), rtol=1e-9)


def test_a_grid_of_one_level_starts_at_the_noise():
    assert schedules.karras_grid(1).tolist() == pytest.approx([80])


def test_ddpms_betas_end_in_noise():
    betas, bars = schedules.beta_schedule(1000), schedules.alpha_bars(1000)
    assert (betas[0].item(), betas[-1].item()) == pytest.approx((1e-4, 0.02))
    assert bars[0].item() == pytest.approx(1 - 1e-4) and bars[-1].item() == pytest.approx(4.0e-5, rel=0.02)
    assert (bars.diff() < 0).all()
    assert torch.allclose(1 - bars[1:] / bars[:-1], betas[1:])


@given(st.integers(1, 1000), st.data())
def test_strided_steps_are_as_many_as_asked_for_distinct_even_and_start_at_the_noisiest(steps, data):
    count = data.draw(st.integers(1, steps))
    chosen = schedules.strided_steps(steps, count)
    assert len(set(chosen)) == len(chosen) == count
    assert chosen[0] == steps - 1 and min(chosen) >= 0 and chosen == sorted(chosen, reverse=True)
    gaps = -np.diff([*chosen, -1])
    assert gaps.max() - gaps.min() <= 1


@pytest.mark.parametrize(
    ("s1", "mu0", "values"),
    [
        (
            150,
            0.9,
            {0: (2, 0.81), 10_000: (17, 0.9869), 100_000: (54, 0.9960), 400_000: (107, 0.9980), 800_000: (151, 0.9986)},
        ),
        (200, 0.95, {10_000: (23, None), 100_000: (72, None), 400_000: (143, None), 800_000: (201, 0.99949)}),
    ],
)
def test_levels_and_target_decay_of_consistency_training(s1, mu0, values):
    for step, (levels, decay) in values.items():
        n = schedules.consistency_levels(step, 800_000, 2, s1)
        assert n == levels
        if decay:
            assert schedules.consistency_target_decay(n, 2, mu0) == pytest.approx(decay, abs=6e-5)


def test_the_eight_phases_of_improved_consistency_training():
    steps = 400_000
    levels = [schedules.improved_levels(k, steps, 10, 1280) for k in range(0, steps, 1000)]
    assert sorted(set(levels)) == [11, 21, 41, 81, 161, 321, 641, 1281]
    assert all(levels.count(n) == 50 for n in set(levels)) and levels == sorted(levels)
    assert schedules.improved_levels(49_999, steps, 10, 1280) == 11
    assert schedules.improved_levels(50_000, steps, 10, 1280) == 21


@pytest.mark.parametrize(
    ("ends", "intervals"),
    [((5, 40), [5, 10, 20, 40]), ((3, 40), [3, 6, 12, 24, 40]), ((3, 7), [3, 6, 7]), ((4, 7), [4, 7]), ((4, 4), [4])],
)
def test_intervals_double_until_the_last_phase_has_s1(ends, intervals):
    levels = [schedules.improved_levels(k, 1000, *ends) for k in range(1000)]
    assert sorted(set(levels)) == [n + 1 for n in intervals] and levels == sorted(levels)


def test_phases_have_the_papers_length_where_s1_is_no_power_of_two_times_s0():
    length = int(10_000 / (math.log2(13) + 1))  # floor(40 / 3) = 13
    levels = [schedules.improved_levels(k, 10_000, 3, 40) for k in range(10_000)]
    assert [levels.count(n) for n in (4, 7, 13, 25)] == [length] * 4
    assert levels.count(41) == 10_000 - 4 * length


@pytest.mark.parametrize("steps", [50, 1000, 12_345])
def test_every_pair_of_ends_is_reached(steps):
    for s0 in range(1, 20):
        for s1 in [*range(s0, 6 * s0), 127 * s0 + 1, 1025 * s0, 1280]:
            levels = [schedules.improved_levels(k, steps, s0, s1) for k in (0, steps - 1)]
            assert levels == [s0 + 1, s1 + 1], (s0, s1)


@given(st.integers(1, 2000), st.integers(0, 1999), st.sampled_from([(10, 80), (10, 160), (10, 1280), (4, 4)]))
def test_improved_levels_stay_between_their_ends(steps, step, ends):
    levels = schedules.improved_levels(min(step, steps - 1), steps, *ends)
    assert ends[0] + 1 <= levels <= ends[1] + 1


@pytest.mark.parametrize("count", [2, 11, 1281])
def test_lognormal_bins_are_the_normal_masses_between_the_levels(count):
    grid = schedules.karras_grid(count)
    bins = schedules.lognormal_bins(grid, -1.1, 2.0)
    edges = norm.cdf((np.log(grid.numpy()) + 1.1) / 2.0)
    expected = -np.diff(edges) / (edges[0] - edges[-1])
    assert bins.shape == (count - 1,)
    assert bins.sum().item() == pytest.approx(1, abs=1e-12)
    assert bins.numpy() == pytest.approx(expected, abs=1e-12)


def test_target_decay_rises_to_one_as_the_grid_refines():
    decays = [schedules.consistency_target_decay(n, 2, 0.9) for n in (2, 10, 100, 10_000)]
    assert decays == sorted(decays) and math.isclose(decays[-1], 1, abs_tol=1e-4)
