"""Tables of what classifiers and observers say: the best first, controls last, and no score lost."""

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest
import synthetic
from synthetic import NASTY

from fewstep.plan.profile import CLASSIFIED
from fewstep.report.tables import classifiers, writers
from fewstep.results import views
from fewstep.results.published import published


@pytest.fixture
def cards():
    cards = synthetic.cards()
    cards["ect"]["variants"]["multistep"]["label"] = NASTY
    return cards


@pytest.fixture
def tables(cards):
    return classifiers.tables(synthetic.classifiers(), cards)


def variants(table):
    return [row.variant for row in table.rows]


def test_samplers_come_by_their_score_and_controls_last(tables):
    assert variants(tables["accuracy"]) == ["heun", "multistep", "train", "shuffled", "test"]
    assert variants(tables["fool-rate"]) == ["heun", "multistep", "held_out", "noisy", "untrained"]


def test_lines_hold_value_interval_and_what_is_missing(tables):
    best = tables["accuracy"].rows[0]
    assert [head.title for head in tables["accuracy"].heads[:3]] == ["Sampler", "NFE", "CAS [%] ↑"]
    assert best.cells == ("EDM (Heun)", "17", "96 ± 2", "99 ± 2", "52 ± 2", "1 ± 2")
    real = tables["accuracy"].rows[2]
    assert real.cells[:4] == ("Real training images", "–", "97 ± 2", "–") and real.floor


def test_columns_are_those_that_there_are(cards):
    rows = synthetic.classifiers()
    pairs = rows[rows.metric == "fool_rate"].assign(metric="fool_rate_paired")
    found = classifiers.tables(pd.concat([rows, pairs]), cards)
    assert [head.title for head in found["fool-rate"].heads[2:]] == [
        "machine fool rate [%] ↑", "machine fool rate (generalist) [%] ↑", "paired [%] ↑",
    ]  # fmt: skip


def test_several_trainings_are_one_line(cards):
    rows = synthetic.classifiers()
    again = rows.assign(
        training_seed=1, value=rows.value + 0.01, ci_low=rows.ci_low + 0.01, ci_high=rows.ci_high + 0.01
    )
    found = classifiers.tables(pd.concat([rows, again]), cards)
    assert variants(found["fool-rate"]) == ["heun", "multistep", "held_out", "noisy", "untrained"]
    assert found["fool-rate"].rows[0].cells[2] == "32 ± 6"  # 31.5 ± t(1) x 0.5


def test_published_scores_stand_beside_those_of_the_same_methods(tables, cards):
    assert "accuracy-published" not in tables, "none of the compared methods has published scores"
    assert [row.value for row in published("cas")] == sorted((r.value for r in published("cas")), reverse=True)
    _, first, second, _ = published("cas")
    rows = synthetic.classifiers().replace({"method": {"ect": first.method, "edm": second.method}})
    renamed = cards | {first.method: cards["ect"], second.method: cards["edm"]}
    found = classifiers.tables(rows, renamed)["accuracy-published"]
    assert [row.label for row in found.rows] == [row.model for row in published("cas")]
    assert found.rows[0].cells[3:] == ("Real training images", "–", "97 ± 2")
    assert found.rows[2].cells[2:] == (second.source, "EDM (Heun)", "17", "96 ± 2")
    assert found.rows[3].cells[3:] == ("–", "–", "–")
    assert found.caption.endswith(f"Real training images ≈ EDM (Heun) > {NASTY}")


def test_every_class_has_a_column_with_its_gap(tables):
    by_class = tables["accuracy-by-class"]
    assert [head.label for head in by_class.heads[2:]] == ["class 0", "class 1"]
    assert by_class.rows[1].cells[2:] == ("90 (−5)", "70 (−29)")
    assert by_class.rows[2].cells[2:] == ("95", "99")


def test_many_classes_are_left_to_the_csv(cards):
    rows = synthetic.classifiers()
    rows = rows[~rows.metric.str.startswith("cas_class")]
    own = rows[rows.metric == "cas"]
    many = [own.assign(metric=f"cas_class_{k}") for k in range(classifiers.MOST_CLASSES + 1)]
    assert list(classifiers.tables(pd.concat([rows, *many]), cards)) == ["accuracy", "fool-rate"]


def test_there_are_no_tables_of_a_data_set_without_scores(cards):
    assert classifiers.tables(views.of_classifiers(synthetic.scores(), "digits"), cards) == {}


def test_csv_keeps_every_digit_and_no_formula(run, cards):
    (file,) = classifiers.files(replace(run, cards=cards), "mnist")
    rows = list(csv.DictReader(io.StringIO(writers.to_csv(file.raw))))
    expected = views.of_classifiers(run.scores, "mnist")
    assert [float(row["value"]) for row in rows] == expected.value.tolist()
    assert [row["metric"] for row in rows] == expected.metric.tolist()
    assert {row["label"][:2] for row in rows if row["method"] == "ect"} == {"'="}


def test_markdown_and_latex_have_as_many_columns_in_every_line(tables):
    for table in tables.values():
        rows = [row for row in writers.to_markdown(table).splitlines() if row.startswith("|")]
        assert len(rows) == 2 + len(table.rows)
        assert {row.replace("\\|", "").count("|") for row in rows} == {len(table.heads) + 1}
        lines = [line for line in writers.to_latex(table).splitlines() if line.endswith(r"\\")]
        assert {line.replace(r"\&", "").count("&") for line in lines} == {len(table.heads) - 1}


def test_files_are_there_where_the_profile_asks_for_such_scores(run):
    section = {k: v for k, v in run.config["datasets"]["mnist"].items() if k not in CLASSIFIED}
    plain = replace(run, config=run.config | {"datasets": {"mnist": section}})
    assert [file.name for file in classifiers.files(run, "mnist")] == ["classifiers_mnist"]
    assert list(classifiers.files(plain, "mnist")) == []
