import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewstep.base.statistics import (
    Interval,
    Pooled,
    normal_interval,
    pool,
    pool_intervals,
    pool_trainings,
    ties,
    wilson_interval,
)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_the_share_and_stays_a_share(case):
    successes, count = case
    low, high = wilson_interval(successes, count)
    assert 0 <= low <= high <= 1
    assert low - 1e-12 <= successes / count <= high + 1e-12
    assert high > low


def test_wilson_interval_of_a_published_example():
    # Newcombe 1998, table I: 81 of 263 gives .2553 to .3662.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.97])
def test_wilson_interval_covers(share):
    hits = np.random.default_rng(0).binomial(1000, share, size=2000)
    intervals = [wilson_interval(int(k), 1000) for k in hits]
    assert 0.93 <= np.mean([low <= share <= high for low, high in intervals]) <= 0.97


def test_pooling_one_seed_changes_nothing():
    low, high = normal_interval(3.0, 0.5)
    assert pool([3.0], [0.5]) == pytest.approx((3.0, 0.5, low, high))


def test_the_analytic_error_is_a_floor_under_the_spread_of_few_seeds():
    pooled = pool([1.0, 1.0, 1.0], [0.3, 0.3, 0.3])
    assert pooled.standard_error == pytest.approx(0.3 / math.sqrt(3))
    assert pooled.high - pooled.value == pytest.approx(1.96 * 0.3 / math.sqrt(3), rel=1e-4)


def test_a_spread_beyond_the_analytic_error_takes_students_t():
    pooled = pool([1.0, 2.0, 3.0], [0.1, 0.1, 0.1])
    assert pooled.standard_error == pytest.approx(1 / math.sqrt(3))
    assert pooled.high - pooled.value == pytest.approx(4.3027 / math.sqrt(3), rel=1e-4)  # t, 2 degrees of freedom


def test_seeds_that_share_their_images_average_their_own_spread_out_and_no_more():
    assert pool([1.0, 1.0, 1.0], [0.3, 0.3, 0.3], shared=True).standard_error == pytest.approx(0.3)
    assert pool([1.0, 2.0, 3.0], [0.1, 0.1, 0.1], shared=True).standard_error == pytest.approx(1 / math.sqrt(3))
    assert pool([3.0], [0.5], shared=True) == pool([3.0], [0.5])


@pytest.mark.parametrize(("seed_spread", "least"), [(0, 0.95), (0.5, 0.95), (1, 0.92), (2, 0.9), (10, 0.93)])
def test_pooled_interval_covers(seed_spread, least):
    """95 % where the analytic error is the truth; less where it is too small and 3 seeds happen to agree."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, math.hypot(1, seed_spread), size=(4000, 3))
    pooled = [pool(list(row), [1.0] * 3) for row in values]
    assert np.mean([p.low <= 0 <= p.high for p in pooled]) >= least


@pytest.mark.parametrize(("values", "errors"), [([], []), ([1.0], [])])
def test_pooling_refuses_nothing_and_mismatches(values, errors):
    with pytest.raises(ValueError, match="standard errors"):
        pool(values, errors)


def test_ties_are_symmetric_and_end_where_the_difference_is_significant():
    def at(value: float) -> Pooled:
        return Pooled(value, 1.0, *normal_interval(value, 1.0))

    threshold = 1.96 * math.sqrt(2)
    assert ties(at(0), at(threshold - 0.01)) and ties(at(threshold - 0.01), at(0))
    assert not ties(at(0), at(threshold + 0.01)) and not ties(at(threshold + 0.01), at(0))


def test_tables_need_no_torch():
    code = "import sys, fewstep.base.statistics; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "workflow"}).returncode == 0


def test_pooled_intervals_are_pooled_standard_errors_where_intervals_are_normal():
    intervals = [normal_interval(value, 0.3) for value in (1.0, 2.0, 3.0)]
    pooled = pool_intervals([1.0, 2.0, 3.0], [i.low for i in intervals], [i.high for i in intervals])
    assert pooled == pytest.approx(pool([1.0, 2.0, 3.0], [0.3] * 3))


def test_a_proportion_that_is_always_zero_keeps_a_width_and_its_limits():
    intervals = [wilson_interval(0, 100)] * 3
    lows, highs = zip(*intervals, strict=True)
    pooled = pool_intervals([0.0] * 3, lows, highs, Interval(0.0, 1.0))
    assert pooled.low == 0 < pooled.high < intervals[0].high


def training(value, error=0.1):
    return Pooled(value, error, *normal_interval(value, error))


def test_one_training_stays_as_it_is():
    assert pool_trainings([training(3.0)]) == pool_trainings([training(3.0)], shared=True) == training(3.0)
    assert pool_trainings([training(0.99)], Interval(0.0, 1.0)).high == 1


def test_the_interval_of_several_trainings_holds_the_spread_between_them():
    pooled = pool_trainings([training(1.0), training(2.0), training(3.0)])
    assert pooled.value == pytest.approx(2) and pooled.standard_error == pytest.approx(1 / math.sqrt(3))
    assert pooled.high - pooled.value == pytest.approx(4.3027 / math.sqrt(3), rel=1e-4)  # t, 2 degrees of freedom


def test_trainings_that_agree_leave_open_what_their_samples_do():
    pooled = pool_trainings([training(2.0, 0.3)] * 3)
    assert pooled.high - pooled.value == pytest.approx(1.96 * 0.3 / math.sqrt(3), rel=1e-4)
    shared = pool_trainings([training(2.0, 0.3)] * 3, shared=True)
    assert shared.high - shared.value == pytest.approx(1.96 * 0.3, rel=1e-4)


def test_the_interval_of_trainings_stays_within_limits_and_there_must_be_some():
    assert pool_trainings([training(0.9), training(0.7)], Interval(0.0, 1.0))[2:] == (0, 1)
    with pytest.raises(ValueError, match="no trainings"):
        pool_trainings([])


@pytest.mark.parametrize("trainings", [2, 3, 5])
@pytest.mark.parametrize("spread", [0, 0.3, 1, 3])
@pytest.mark.parametrize("shared", [False, True])
def test_the_interval_of_trainings_covers_the_mean_of_all_trainings(trainings, spread, shared):
    """Normal trainings, each scored with 3 seeds; with `shared` all seeds saw the same images, whose choice adds 1."""
    rng, hits = np.random.default_rng(0), []
    for _ in range(2000):
        common = rng.normal() if shared else 0.0
        means = rng.normal(common, spread, trainings)
        noise = 0.3 if shared else 1.0
        found = [pool(list(rng.normal(mean, noise, 3)), [1.0] * 3, shared) for mean in means]
        low, high = pool_trainings(found, shared=shared)[2:]
        hits.append(low <= 0 <= high)
    assert 0.94 <= np.mean(hits) <= 0.99
