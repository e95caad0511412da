"""Tables of scores that methods give themselves: full precision as CSV, escaped text otherwise, and none is lost."""

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest
import synthetic
from synthetic import NASTY

from fewstep.report.tables import evaluation, writers


@pytest.fixture
def cards():
    cards = synthetic.cards()
    cards["ect"]["variants"]["multistep"]["label"] = NASTY
    return cards


def lines(rows):
    return [dict(zip(("label", "nfe", "score", "value", "count"), row.cells, strict=False))
            for row in evaluation.table(rows, synthetic.cards()).rows]  # fmt: skip


def test_csv_keeps_every_digit_and_no_formula(run, cards):
    (file,) = evaluation.files(replace(run, cards=cards), "mnist")
    rows, expected = list(csv.DictReader(io.StringIO(writers.to_csv(file.raw)))), synthetic.evaluation()
    for column in ("value", "ci_low"):
        assert [float(row[column]) for row in rows] == expected[column].tolist()
    assert rows[1]["label"].startswith("'=") and [row["metric"] for row in rows] == expected.metric.tolist()
    assert [int(row["nfe"]) for row in rows] == expected.nfe.tolist() and {row["reason"] for row in rows} == {""}


def test_lines_hold_value_interval_and_direction():
    few, more, drift, distance, likelihood = lines(synthetic.evaluation())
    assert [likelihood[key] for key in ("label", "value", "score")] == ["EDM (Heun)", "1.23 ± 0.02", "bits/dim ↓"]
    assert drift["score"] == "drift ↓" and distance["value"] == "2.5 ± 0.6" and distance["count"] == "1,000"
    assert [line["nfe"] for line in (few, more, drift)] == ["5", "9", evaluation.ANY]
    assert (few["value"], more["value"], few["score"]) == ("20.0 ± 1.0", "12.0 ± 0.8", "FD (lenet), oracle ↓")


def test_before_and_after_share_a_line():
    parts = {"projection_noisy_before": 0.5, "projection_noisy_after": 0.2, "projection_noisy_drift_before": 0.4}
    rows = synthetic.evaluation().iloc[:1]
    table = pd.concat([rows.assign(metric=name, value=value) for name, value in parts.items()])
    after, alone = lines(table.assign(ci_low=table.value, ci_high=table.value))
    assert after["score"] == "noisy: error after ↓" and after["value"] == "0.500 → 0.200"
    assert alone["score"] == "noisy: drift before" and alone["value"] == "0.400"


def test_scores_of_several_trainings_are_one_line_with_the_spread_between_them():
    rows = synthetic.evaluation()
    drift = rows[rows.metric == "drift"]
    other = drift.assign(training_seed=1, value=drift.value + 0.01, ci_low=drift.ci_low + 0.01,
                         ci_high=drift.ci_high + 0.01)  # fmt: skip
    (line,) = lines(pd.concat([drift, other]))
    assert line["value"] == "0.06 ± 0.06"  # 0.056 ± 12.7 x 0.005


def test_markdown_and_latex_have_a_line_for_each_score_and_as_many_columns(cards):
    table = evaluation.table(synthetic.evaluation(), cards)
    rows = [row for row in writers.to_markdown(table).splitlines() if row.startswith("|")]
    assert len(rows) == 2 + 5 and {row.replace("\\|", "").count("|") for row in rows} == {7}
    found = [line for line in writers.to_latex(table).splitlines() if line.endswith(r"\\")]
    assert len(found) == 1 + 5 and {line.replace(r"\&", "").count("&") for line in found} == {5}


def test_a_data_set_without_such_scores_has_a_file_without_lines(run):
    without = replace(run)
    vars(without)["scores"] = run.scores[run.scores.task != "evaluate"]
    (file,) = evaluation.files(without, "mnist")
    assert file.name == "evaluation_mnist" and not file.raw.rows and not file.tables[0].rows
