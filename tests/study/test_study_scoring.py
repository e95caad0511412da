"""Raters whose fool rate is known: a coin, one who always says left, and one who is never fooled."""

import math

import numpy as np
import pandas as pd
import pytest
from raters import always_left, attentive, coin, make_study, other, perfect, respond

from fewstep.base.errors import FewstepError
from fewstep.report.tables.people import notes, write_study
from fewstep.study.bootstrap import crossed_interval
from fewstep.study.outcome import enough_right, read_scores, write_scores
from fewstep.study.rates import CELL, find_key, score


def rates(study, *policies, raters=12):
    answers = [respond(study, seed, policies[seed % len(policies)]) for seed in range(raters)]
    return score(answers, study.key)


def test_a_coin_is_fooled_half_of_the_time(paired):
    scores = rates(paired, attentive(coin), raters=30)
    assert len(scores.rates) == 4  # two methods in two tasks
    assert scores.raters.counts.all()
    for row in scores.rates.itertuples():
        assert row.ci_low < 0.5 < row.ci_high and row.trials == 30 * 10 and row.raters == 30


def test_always_left_is_fooled_exactly_half_of_the_time_since_the_sides_are_balanced(paired):
    scores = rates(paired, attentive(always_left), raters=5)
    assert (scores.rates.fool_rate == 0.5).all()
    assert rates(paired, always_left, attentive(coin)).raters.left_share.max() == 1.0


def test_perfect_raters_are_never_fooled_and_their_interval_still_has_a_width(paired):
    scores = rates(paired, perfect)
    assert (scores.rates.fool_rate == 0).all() and (scores.rates.ci_low == 0).all()
    assert scores.rates.ci_high.between(0.001, 0.05).all()


def test_a_rate_belongs_to_its_task_and_method(paired):
    def fooled_by_one(truth, side, rng):
        return other(side) if (truth["task"], truth.get("method")) == (1, "blurred_method") else side

    found = rates(paired, fooled_by_one).rates.set_index(CELL).fool_rate
    assert found[(1, "blurred_method", "one", 1)] == 1 and found.sum() == 1


def test_raters_who_fail_the_catch_trials_do_not_count_but_are_told(plain):
    def backwards(truth, side, rng):
        return other(side)

    scores = rates(plain, perfect, perfect, backwards)
    assert scores.raters.counts.sum() == 8 and len(scores.raters) == 12
    assert (scores.raters.loc[~scores.raters.counts, "catch_right"] == 0).all()
    assert (scores.rates.fool_rate == 0).all()
    np.testing.assert_allclose(scores.rates.fool_rate_all_raters, 4 / 12)
    assert "Left out: 4 of 12 raters" in notes(scores.raters) and "(of 8, 7 must be right)" in notes(scores.raters)
    with pytest.raises(FewstepError, match="^None of 3 raters"):
        rates(plain, backwards, raters=3)


@pytest.mark.parametrize("trials", [6, 8, 12, 20, 50])
def test_the_rule_lets_a_coin_pass_in_at_most_one_case_of_twenty(trials):
    def passes(least):
        return sum(math.comb(trials, k) for k in range(least, trials + 1)) / 2**trials

    least = enough_right(trials)
    assert passes(least) <= 0.05 < passes(least - 1)


def test_a_few_catch_trials_prove_nothing():
    assert enough_right(4) > 4


def simulated(rng, rater_spread, item_spread, raters=15, items=20, seen=10):
    """A study whose chance of being fooled has its own level for each rater and each item, 0.4 on average."""
    levels = 0.4 + rng.uniform(-1, 1, raters)[:, None] * rater_spread + rng.uniform(-1, 1, items) * item_spread
    who = np.repeat(np.arange(raters), seen)
    what = np.concatenate([rng.permutation(items)[:seen] for _ in range(raters)])
    return rng.random(len(who)) < levels[who, what], who, what


@pytest.mark.parametrize(("rater_spread", "item_spread"), [(0, 0), (0.3, 0), (0, 0.3), (0.2, 0.2)])
def test_the_interval_holds_the_truth_often_enough(rater_spread, item_spread, monkeypatch):
    monkeypatch.setattr("fewstep.study.bootstrap.RESAMPLES", 400)
    rng = np.random.default_rng(0)
    intervals = [crossed_interval(*simulated(rng, rater_spread, item_spread)) for _ in range(200)]
    assert np.mean([low <= 0.4 <= high for low, high in intervals]) >= 0.93


def test_raters_who_differ_widen_the_interval():
    rng = np.random.default_rng(1)
    hits, who, what = simulated(rng, 0, 0)
    same = crossed_interval(hits, who, what)
    differing = crossed_interval(np.sort(hits), who, what)  # as many hits, but all of a few raters
    assert differing.high - differing.low > 1.5 * (same.high - same.low)


def test_names_of_raters_and_items_do_not_matter():
    hits, who, what = simulated(np.random.default_rng(2), 0.2, 0.2)
    assert crossed_interval(hits, who, what) == crossed_interval(hits, np.char.add("r", (who + 10).astype(str)), what)


def test_answers_meet_the_key_of_their_study(plain, paired, tmp_path):
    first, second = respond(plain, 0, perfect), respond(paired, 1, perfect)
    with pytest.raises(FewstepError, match=f"rater-1.json: this is of study {second.study}, but rater-0.json of"):
        find_key([first, second], [])
    with pytest.raises(FewstepError, match=r"rater-0.json: there is no key of study \w+ \(known: none\)."):
        find_key([first], [])
    (tmp_path / f"{first.study}.json").write_text('{"trials": {}}')
    key = find_key([first], tmp_path.glob("*.json"))
    with pytest.raises(FewstepError, match="rater-0.json: study .* has no trial"):
        score([first], key)


def test_the_tables_say_the_same_in_every_format(paired, tmp_path):
    scores = rates(paired, attentive(coin))
    cards = {"sharp_method": {"variants": {"many": {"label": "Sharp_er | best"}}}}
    write_study(scores, cards, tmp_path / "study_toys.v2")
    raw = pd.read_csv(tmp_path / "study_toys.v2.csv")
    assert raw.fool_rate.tolist() == scores.rates.fool_rate.tolist()
    text = (tmp_path / "study_toys.v2.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")][2:]
    assert len(rows) == len(raw) and sum("Sharp\\_er \\| best" in row for row in rows) == 2
    for row, rate in zip(rows, raw.fool_rate, strict=True):
        assert f"| {100 * rate:.1f} |" in row
    assert r"Sharp\_er \textbar{} best" in (tmp_path / "study_toys.v2.tex").read_text(encoding="utf-8")


def test_scores_that_were_kept_are_read_again(paired, tmp_path):
    assert read_scores(tmp_path) is None
    scores = rates(paired, attentive(coin))
    write_scores(scores, tmp_path)
    for kept, table in zip(read_scores(tmp_path), scores, strict=True):
        pd.testing.assert_frame_equal(kept, table)


def test_one_rater_is_enough_for_a_table():
    study = make_study(low=False, items=2, trials=2, catch=6)
    scores = rates(study, perfect, raters=1)
    assert (scores.rates.fool_rate == 0).all() and (scores.rates.ci_high > 0.5).all()
