"""Pooling over seeds, joining the speed, and what shares a column."""

import numpy as np
import pandas as pd
import pytest
import synthetic

from fewstep.base.statistics import pool, pool_trainings
from fewstep.report.summary import summarise
from fewstep.report.tables.quality import tables
from fewstep.results.schemas import PIXELS


def cell(summary, method, variant, nfe):
    frame = summary.frame
    return frame[(frame.method == method) & (frame.variant == variant) & (frame.nfe == nfe)].iloc[0]


def test_a_cell_is_its_seeds_pooled(summary):
    rows = synthetic.results().query("method == 'edm' and variant == 'heun' and nfe == 9 and metric == 'recall'")
    value, _, low, high = pool(list(rows.value), list(rows.standard_error))
    column = summary.find("recall")
    found = cell(summary, "edm", "heun", 9)
    assert found[[column.key, column.low, column.high]].tolist() == pytest.approx([value, low, high])
    assert found.seeds == len(rows) == 3


def test_seeds_that_share_their_inputs_do_not_average_out_the_choice_of_the_inputs():
    rows = synthetic.results().query("method == 'edm' and variant == 'heun' and nfe == 9 and metric == 'fd_lenet'")
    same = rows.assign(value=rows.value.iloc[0], standard_error=1.0, ci_low=rows.value.iloc[0] - 1.96,
                       ci_high=rows.value.iloc[0] + 1.96)  # fmt: skip
    pixels = same.assign(metric="psnr", extractor=PIXELS)
    for table, width in [(same, 3**-0.5), (pd.concat([same, pixels]), 1.0)]:
        made = summarise(table, synthetic.speed(), synthetic.cards())["mnist"]
        found, column = cell(made, "edm", "heun", 9), made.find("fd_lenet")
        assert found[column.high] - found[column.key] == pytest.approx(1.96 * width, rel=1e-3)


def test_several_trainings_are_pooled_each_by_itself_first(summary):
    rows = synthetic.results().query("method == 'edm' and variant == 'heun' and nfe == 9 and metric == 'recall'")
    other = rows.assign(training_seed=1, value=rows.value - 0.1, ci_low=rows.ci_low - 0.1, ci_high=rows.ci_high - 0.1)
    made = summarise(pd.concat([rows, other]), synthetic.speed(), synthetic.cards())["mnist"]
    means = [pool(list(each.value), list(each.standard_error)) for each in (rows, other)]
    value, _, low, high = pool_trainings(means)
    found, column = cell(made, "edm", "heun", 9), made.find("recall")
    assert found[column.key] == pytest.approx(value) and (found.trainings, found.seeds) == (2, 3)
    assert found[[column.low, column.high]].tolist() == pytest.approx([max(low, 0), min(high, 1)])
    (note,) = [n for n in tables(made)["quality"].notes if "trainings" in n]
    assert note == "Intervals of EDM (Heun) hold the spread between 2 trainings."
    both = summarise(pd.concat([synthetic.results(), other]), synthetic.speed(), synthetic.cards())["mnist"]
    notes = " ".join(tables(both)["quality"].notes)
    assert "EDM (Heun) hold the spread between 2 trainings; all others are those of other samples" in notes


def test_numbers_of_two_protocols_share_no_column_and_each_says_its_own():
    rows = synthetic.results()
    other = rows[rows.method == "ect"].assign(protocol="rotnet")
    made = summarise(pd.concat([rows[rows.method != "ect"], other]), synthetic.speed(), synthetic.cards())["mnist"]
    columns = {c.context: c.key for c in made.quality if c.quantity.name == "fd_lenet"}
    assert set(columns) == {"N = 1,000, lenet", "N = 1,000, rotnet"}
    filled = made.ranked.groupby("method")[list(columns.values())].count()
    assert ((filled > 0).sum(axis=1) == 1).all() and filled.loc["ect", columns["N = 1,000, rotnet"]] == 3


def test_the_order_of_the_rows_of_results_does_not_matter(summary):
    shuffled = synthetic.results().sample(frac=1, random_state=0)
    asked = [("mnist", "consistency_training", "original", 2)]
    again = summarise(shuffled, synthetic.speed(), synthetic.cards(), asked)["mnist"]
    pd.testing.assert_frame_equal(again.frame, summary.frame)


def test_speed_is_that_of_the_best_batch(summary):
    rows = synthetic.speed().query("method == 'ect' and nfe == 1")
    best = rows.loc[rows.images_per_second.idxmax()]
    found = cell(summary, "ect", "multistep", 1)
    assert (found.images_per_second, found.batch) == (best.images_per_second, best.batch)
    assert found.images_per_second_low == best.images_per_second_q25


def test_other_sample_counts_are_other_columns():
    few = synthetic.results(count=500).query("method == 'ect'")
    both = pd.concat([synthetic.results().query("method != 'ect'"), few])
    summary = summarise(both, synthetic.speed(), synthetic.cards())["mnist"]
    columns = {c.context: c.key for c in summary.quality if c.quantity.name == "fd_lenet"}
    assert set(columns) == {"N = 1,000", "N = 500"}
    filled = summary.ranked.groupby("method")[list(columns.values())].count()
    assert (filled[columns["N = 500"]] > 0).tolist() == (filled.index == "ect").tolist()
    assert ((filled > 0).sum(axis=1) == 1).all()


def test_machines_are_never_mixed_in_a_column():
    other = synthetic.speed().query("method == 'ect'").assign(hardware="another")
    both = pd.concat([synthetic.speed().query("method != 'ect'"), other])
    summary = summarise(synthetic.results(), both, synthetic.cards(), machines={"another": "One GPU"})["mnist"]
    columns = {c.context: c.key for c in summary.speed if c.quantity.name == "images_per_second"}
    assert set(columns) == {"One GPU, cpu, float32", "c0ffee123456, cpu, float32"}
    assert (summary.ranked[list(columns.values())].notna().sum(axis=1) == 1).all()


def test_a_cell_without_numbers_stays_as_a_row(summary):
    found = cell(summary, "consistency_training", "original", 2)
    assert np.isnan(found[summary.distance.key])
    assert found.label == "Consistency training" and found.family == "consistency"


def test_the_floor_comes_last_and_is_apart(summary):
    assert summary.frame.floor.tolist() == [False] * (len(summary.frame) - 1) + [True]
    assert summary.distance.quantity.name == "fd_lenet"


def test_results_without_any_speed_are_enough():
    empty = synthetic.speed().iloc[:0]
    summary = summarise(synthetic.results(), empty, synthetic.cards())["mnist"]
    assert summary.speed == () and summary.find("images_per_second") is None and len(summary.ranked) == 25


def test_the_headline_is_a_distance_that_was_measured_of_samples():
    results = synthetic.results()
    more = results.assign(n_samples=results.n_samples.mask(results.method == "data", 2000))
    found = summarise(more, synthetic.speed(), synthetic.cards())["mnist"]
    assert found.distance.key == f"fd_lenet_n{synthetic.COUNT}"


def test_scores_that_could_not_be_given_are_told_with_their_reason():
    results, speed, cards = synthetic.results(), synthetic.speed(), synthetic.cards()
    lost = (results.metric == "kid_lenet") & (results.method == "ect")
    empty = results.assign(reason=results.reason.mask(lost, "too few images"))
    for column in ("value", "standard_error", "ci_low", "ci_high"):
        empty[column] = empty[column].mask(lost)
    summary = summarise(empty, speed, cards)["mnist"]
    assert summary.missing == ("No KID (lenet) of ECT at 1 NFE, ECT at 2 NFE, ECT at 4 NFE: too few images.",)
    kernel = summary.find("kid_lenet")
    assert summary.frame.loc[summary.frame.method == "ect", kernel.key].isna().all()
    assert summary.frame.loc[summary.frame.method == "edm", kernel.key].notna().all()


def test_what_real_images_are_expected_to_score_is_a_row_of_the_floor_beside_those_that_were_held_out():
    results, speed, cards = synthetic.results(), synthetic.speed(), synthetic.cards()
    floor = results[(results.method == "data") & (results.metric == "fd_lenet")]
    table = pd.concat([results, floor.assign(variant="expected", value=floor.value + 1, ci_low=0, ci_high=9)])
    found = summarise(table, speed, cards)["mnist"].floor
    assert found.label.tolist() == ["Real images (expected at this N)", "Real images (test)"]
    text = " ".join(tables(summarise(table, speed, cards)["mnist"])["quality"].notes)
    assert "Real images (expected at this N): what" in text


def test_the_number_of_held_out_images_is_told_where_it_is_another_and_they_have_an_expected_row():
    results, speed, cards = synthetic.results(), synthetic.speed(), synthetic.cards()
    held_out = results.method == "data"
    floor = results[held_out & (results.metric == "fd_lenet")]
    other = results.assign(n_samples=results.n_samples.mask(held_out, 360))
    table = pd.concat([other, floor.assign(variant="expected", value=floor.value + 1, ci_low=0, ci_high=9)])
    notes = " ".join(tables(summarise(table, speed, cards)["mnist"])["quality"].notes)
    told = notes.partition("which is not the N of the samples: ")[2]
    assert "recall 0." in told and "–" not in told
