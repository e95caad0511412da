"""Tables of extra scores: full precision as CSV, escaped text otherwise, and none of them lost."""

import csv
import io

import pandas as pd
import pytest
import synthetic
from synthetic import NASTY

from fewstep.report import extras


@pytest.fixture
def cards():
    cards = synthetic.cards()
    cards["ect"]["variants"]["multistep"]["label"] = NASTY
    return cards


def test_csv_keeps_every_digit_and_no_formula(cards):
    rows = list(csv.DictReader(io.StringIO(extras.to_csv(synthetic.extras(), cards))))
    expected = synthetic.extras()
    assert [float(row["value"]) for row in rows] == expected.value.tolist()
    assert [float(row["ci_low"]) for row in rows] == expected.ci_low.tolist()
    assert rows[1]["label"].startswith("'=") and [row["metric"] for row in rows] == expected.metric.tolist()
    assert [int(row["nfe"]) for row in rows] == expected.nfe.tolist()


def test_lines_tell_value_interval_and_direction():
    few, more, drift, distance, likelihood = extras.lines(synthetic.extras(), "mnist", synthetic.cards())
    assert likelihood.label == "EDM (Heun)" and likelihood.value == "1.23 ± 0.02" and likelihood.score == "bits/dim ↓"
    assert drift.score == "drift ↓" and distance.value == "2.5 ± 0.6" and distance.count == "1,000"
    assert [line.nfe for line in (few, more, drift)] == ["5", "9", extras.ANY]
    assert (few.value, more.value, few.score) == ("20.0 ± 1.0", "12.0 ± 0.8", "FD (lenet), oracle ↓")
    assert extras.lines(synthetic.extras(), "digits", synthetic.cards()) == []


def test_before_and_after_share_a_line():
    parts = {"projection_noisy_before": 0.5, "projection_noisy_after": 0.2, "projection_noisy_drift_before": 0.4}
    rows = synthetic.extras().iloc[:1]
    table = pd.concat([rows.assign(metric=name, value=value) for name, value in parts.items()])
    after, alone = extras.lines(table.assign(ci_low=table.value, ci_high=table.value), "mnist", synthetic.cards())
    assert after.score == "noisy: error after ↓" and after.value == "0.500 → 0.200"
    assert alone.score == "noisy: drift before" and alone.value == "0.400"


def test_markdown_and_latex_have_a_line_for_each_score_and_as_many_columns(cards):
    told = extras.lines(synthetic.extras(), "mnist", cards)
    rows = extras.to_markdown(told).splitlines()
    assert len(rows) == 2 + 5 and {row.replace("\\|", "").count("|") for row in rows} == {7}
    lines = [line for line in extras.to_latex(told).splitlines() if line.endswith(r"\\")]
    assert len(lines) == 1 + 5 and {line.replace(r"\&", "").count("&") for line in lines} == {5}


def test_files_are_written_for_every_data_set_also_without_scores(tmp_path):
    extras.write_extras(synthetic.extras(), ["mnist", "digits"], synthetic.cards(), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"extras_{dataset}.{suffix}" for dataset in ("mnist", "digits") for suffix in ("csv", "md", "tex")}
    assert len((tmp_path / "extras_digits.csv").read_text(encoding="utf-8").splitlines()) == 1
