"""Fool rates: the AUC of known distributions, ties, order, and intervals that cover."""

import numpy as np
import pytest
from scipy.stats import norm, rankdata

from fewstep.scoring.metrics import forced_choice
from fewstep.scoring.metrics.forced_choice import paired, unpaired


def normal(shift: float, shape, seed: int = 0) -> np.ndarray:
    return shift + np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_unpaired_is_one_minus_the_auc_of_two_gaussians(shift):
    """P(N(0, 1) > N(d, 1)) = Phi(-d / sqrt(2))."""
    rate = unpaired(normal(shift, 20_000), normal(0, 20_000, seed=1))
    assert rate.value == pytest.approx(norm.cdf(-shift / np.sqrt(2)), abs=0.01)
    assert rate.low <= rate.value <= rate.high


def test_unpaired_agrees_with_the_rank_sum_also_with_ties_and_unequal_counts():
    rng = np.random.default_rng(0)
    real, fake = rng.integers(0, 6, 70).astype(float), rng.integers(0, 5, 110).astype(float)
    ranks = rankdata(np.concatenate([real, fake]))[70:]
    assert unpaired(real, fake).value == pytest.approx((ranks.sum() - 110 * 111 / 2) / (70 * 110))


def test_ties_count_half():
    assert unpaired(np.zeros(50), np.zeros(60)).value == paired(np.zeros(50), np.zeros(50)).value == 0.5
    assert paired(np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0, 3.0])).value == (1 + 0.5 + 0 + 0.5) / 4


def test_swapping_the_sides_and_any_rising_function_change_nothing_but_the_side():
    one, other = normal(0.3, 200), normal(0, 300, seed=1)
    assert unpaired(one, other).value == pytest.approx(1 - unpaired(other, one).value)
    assert unpaired(np.exp(one), np.exp(other)).value == unpaired(one, other).value


def test_paired_sees_what_unpaired_cannot():
    """Each generated image is a little worse than its own original; over all pairs that drowns."""
    real = normal(0, 2000)
    fake = real - 0.01
    assert paired(real, fake).value == 0 and unpaired(real, fake).value == pytest.approx(0.5, abs=0.01)


def test_the_mean_over_observers_is_taken():
    real, fake = np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 1.0]])
    assert unpaired(real, fake).value == paired(real, fake).value == 0.5


def test_observers_that_disagree_widen_the_interval():
    real, fake = np.tile(normal(1, 400), (3, 1)), np.tile(normal(0, 400, seed=1), (3, 1))
    apart = fake + np.array([[-1.0], [0.0], [1.0]])
    assert unpaired(real, apart).standard_error > 3 * unpaired(real, fake).standard_error


@pytest.mark.parametrize("rate", [unpaired, paired])
def test_rates_at_the_ends_keep_an_interval(rate):
    none, all_of_them = rate(np.ones(300), np.zeros(300)), rate(np.zeros(300), np.ones(300))
    assert none.value == none.low == 0 < none.high < 0.03
    assert all_of_them.value == all_of_them.high == 1 > all_of_them.low > 0.97


@pytest.mark.parametrize("kind", ["unpaired", "paired"])
def test_the_interval_covers_the_truth_95_times_of_100(kind, monkeypatch):
    monkeypatch.setattr(forced_choice, "REPLICATES", 300)
    shift, covered, runs = 0.8, 0, 200
    truth = norm.cdf(-shift / np.sqrt(2))
    for seed in range(runs):
        real, fake = normal(shift, 80, seed=2 * seed), normal(0, 80, seed=2 * seed + 1)
        found = getattr(forced_choice, kind)(real, fake, seed=seed)
        covered += found.low <= truth <= found.high
    assert 0.89 <= covered / runs <= 0.99  # 95 % within three standard errors, and a little for 80 items


def test_pairs_must_be_pairs():
    with pytest.raises(ValueError, match="item by item"):
        paired(np.zeros(3), np.zeros(4))
