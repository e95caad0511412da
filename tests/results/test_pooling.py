"""Rows of scores that become one number: by training first, and the same images do not average out."""

import pandas as pd
import pytest
from scored import make_scores

from fewstep.base.statistics import Z95, pool, pool_trainings
from fewstep.results.pooling import pool_rows, pooled, with_shared

RECALL = {"recall": 0.4}


def test_seeds_of_one_training_are_pooled_as_ever():
    rows = with_shared(make_scores(metrics=RECALL))
    value, _, low, high = pool(rows.value.tolist(), ((rows.ci_high - rows.ci_low) / 2 / Z95).tolist())
    found = pooled(rows)
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high))


def test_trainings_are_pooled_after_their_seeds():
    one, other = (make_scores(metrics=RECALL), make_scores({"recall": 1.2}, metrics=RECALL, training_seed=4))
    both = with_shared(pd.concat([one, other]))
    assert pooled(both).value == pytest.approx(0.4 * 1.001 * 1.1)
    spread = pool_trainings([pooled(with_shared(rows)) for rows in (one, other)])
    assert pooled(both).low == pytest.approx(max(spread.low, 0)) and pooled(both).high == pytest.approx(spread.high)


def test_images_are_shared_within_a_task_alone():
    samples, edits = make_scores(seeds=(0,)), make_scores(seeds=(0,), task="edit/strokes")
    pixels = make_scores(seeds=(0,), task="edit/strokes", metrics={"psnr": 20.0}, extractor="pixels")
    shared = with_shared(pd.concat([samples, edits, pixels]))
    assert set(shared.task[shared.shared]) == {"edit/strokes"} and set(shared.task[~shared.shared]) == {"generate"}


def test_single_rows_stay_as_they_are_and_missing_values_are_passed_over():
    lone = make_scores(seeds=(0,), metrics=RECALL, ci_high=0.9)
    pd.testing.assert_frame_equal(pool_rows(lone, ["metric"]), lone)
    empty = dict.fromkeys(("value", "standard_error", "ci_low", "ci_high")) | {"reason": "too few"}
    without = make_scores(seeds=(1,), metrics=RECALL).assign(**empty)
    (found,) = pool_rows(pd.concat([without, lone]), ["metric"]).itertuples()
    assert (found.value, found.ci_high) == (0.4, 0.9)
    (missing,) = pool_rows(without, ["metric"]).itertuples()
    assert missing.reason == "too few"
    assert pool_rows(lone.iloc[:0], ["metric"]).empty
