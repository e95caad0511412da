"""Tables of what classifiers and observers say: the best first, controls last, and no score lost."""

import csv
import io

import pytest
import synthetic
from synthetic import NASTY

from fewstep.report import classifiers
from fewstep.report.published import published


@pytest.fixture
def cards():
    cards = synthetic.cards()
    cards["ect"]["variants"]["multistep"]["label"] = NASTY
    return cards


@pytest.fixture
def told(cards):
    return {listing.name: listing for listing in classifiers.listings(synthetic.classifiers(), "mnist", cards)}


def test_samplers_come_by_their_score_and_controls_last(told):
    assert [line.variant for line in told["accuracy"].lines] == ["heun", "multistep", "train", "shuffled", "test"]
    assert [line.variant for line in told["fool-rate"].lines] == ["heun", "multistep", "held_out", "noisy", "untrained"]


def test_lines_tell_value_interval_and_what_is_missing(told):
    best = told["accuracy"].lines[0]
    assert told["accuracy"].heads[:3] == ("Sampler", "NFE", "CAS [%] ↑")
    assert best.cells == ("EDM (Heun)", "17", "96 ± 2", "99 ± 2", "52 ± 2", "1 ± 2")
    real = told["accuracy"].lines[2]
    assert real.cells[:4] == ("Real training images", "–", "97 ± 2", "–")


def test_columns_are_those_that_there_are(cards):
    table = synthetic.classifiers()
    pairs = table[table.metric == "fool_rate"].assign(metric="fool_rate_paired")
    told = {x.name: x for x in classifiers.listings(synthetic.pd.concat([table, pairs]), "mnist", cards)}
    assert told["fool-rate"].heads[2:] == (
        "machine fool rate [%] ↑", "machine fool rate (generalist) [%] ↑", "paired [%] ↑",
    )  # fmt: skip


def test_published_scores_stand_beside_those_of_the_same_methods(told, cards):
    assert "accuracy-published" not in told, "none of the compared methods has published scores"
    assert [row.value for row in published("cas")] == sorted((r.value for r in published("cas")), reverse=True)
    _, first, second, _ = published("cas")
    table = synthetic.classifiers().replace({"method": {"ect": first.method, "edm": second.method}})
    renamed = cards | {first.method: cards["ect"], second.method: cards["edm"]}
    found = {x.name: x for x in classifiers.listings(table, "mnist", renamed)}["accuracy-published"]
    assert [line.cells[0] for line in found.lines] == [row.model for row in published("cas")]
    assert found.lines[0].cells[3:] == ("Real training images", "–", "97 ± 2") and found.lines[0].is_control
    assert found.lines[2].cells[2:] == (second.source, "EDM (Heun)", "17", "96 ± 2")
    assert found.lines[3].cells[3:] == ("–", "–", "–")
    assert found.caption.endswith(f"Real training images ≈ EDM (Heun) > {NASTY}")


def test_every_class_has_a_column_with_its_gap(told):
    by_class = told["accuracy-by-class"]
    assert by_class.heads[2:] == ("class 0", "class 1")
    assert by_class.lines[1].cells[2:] == ("90 (−5)", "70 (−29)")
    assert by_class.lines[2].cells[2:] == ("95", "99")


def test_many_classes_are_left_to_the_csv(cards):
    table = synthetic.classifiers()
    many = [table.assign(metric=f"cas_class_{k}") for k in range(classifiers.MOST_CLASSES + 1)]
    names = [x.name for x in classifiers.listings(synthetic.pd.concat([table, *many]), "mnist", cards)]
    assert names == ["accuracy", "fool-rate"]


def test_nothing_is_told_of_a_data_set_without_scores(cards):
    assert classifiers.listings(synthetic.classifiers(), "digits", cards) == []


def test_csv_keeps_every_digit_and_no_formula(cards):
    table = synthetic.classifiers()
    rows = list(csv.DictReader(io.StringIO(classifiers.to_csv(table, cards))))
    assert [float(row["value"]) for row in rows] == table.value.tolist()
    assert [row["metric"] for row in rows] == table.metric.tolist() and rows[0]["label"].startswith("'=")


def test_markdown_and_latex_have_as_many_columns_in_every_line(told):
    for listing in told.values():
        rows = [row for row in classifiers.to_markdown(listing).splitlines() if row.startswith("|")]
        assert len(rows) == 2 + len(listing.lines)
        assert {row.replace("\\|", "").count("|") for row in rows} == {len(listing.heads) + 1}
        lines = [line for line in classifiers.to_latex(listing).splitlines() if line.endswith(r"\\")]
        assert {line.replace(r"\&", "").count("&") for line in lines} == {len(listing.heads) - 1}


def test_files_are_written_for_every_data_set_also_without_scores(tmp_path):
    classifiers.write_classifiers(synthetic.classifiers(), ["mnist", "digits"], synthetic.cards(), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"classifiers_{d}.{suffix}" for d in ("mnist", "digits") for suffix in ("csv", "md", "tex")}
