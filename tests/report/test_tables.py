"""Tables as files: what is marked, what is escaped, what is never dropped."""

import csv
import io
import re

import pandas as pd
import pytest
import synthetic
from synthetic import NASTY

from fewstep.config import cells
from fewstep.report import tables
from fewstep.report.summary import summarise


@pytest.fixture
def nasty():
    """A summary in which a label holds everything that is markup somewhere."""
    cards = synthetic.cards()
    cards["ect"]["variants"]["multistep"]["label"] = NASTY
    return summarise(synthetic.results(), synthetic.speed(), cards)["mnist"]


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


def test_csv_keeps_full_precision_and_intervals(summary):
    read = pd.read_csv(io.StringIO(tables.to_csv(tables.quality_table(summary))))
    column = summary.distance
    for key in (column.key, column.low, column.high):
        assert read[key].tolist() == pytest.approx(summary.frame[key].tolist(), rel=0, abs=0, nan_ok=True)


def test_best_second_and_ties_are_marked_once_per_column_and_never_on_the_floor(summary):
    text = tables.to_markdown(tables.quality_table(summary))
    lines = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    distance = [line[2] for line in lines]
    best = summary.ranked[summary.distance.key].argmin()
    assert [i for i, text in enumerate(distance) if "**" in text] == [best]
    assert sum("<u>" in text for text in distance) == 1
    assert not any(mark in cell for cell in lines[-1] for mark in ("**", "<u>", "•"))  # the floor, though it is lower
    assert lines[-1][0].startswith("| Real images")


def test_missing_cells_are_shown(summary):
    for text in (
        tables.to_markdown(tables.quality_table(summary)),
        tables.to_latex(tables.quality_table(summary)),
    ):
        line = next(line for line in text.splitlines() if re.match(r"(\| )?Consistency training [|&] 2 ", line))
        assert line.count("n/a") == len(summary.quality)


def test_by_nfe_ranks_within_each_nfe(summary):
    table = tables.tables(summary)["fd_lenet_by_nfe_mnist"]
    best = [[row.label for row in table.rows if "best" in row.numbers[i].marks] for i in range(len(table.headers))]
    assert [h.label for h in table.headers] == [f"{n} NFE" for n in (1, 2, 4, 5, 9, 17, 35)]
    assert best == [["ECT"]] * 3 + [["EDM (Heun)"]] * 4


def test_distances_at_different_n_are_headed_by_their_n():
    both = pd.concat([synthetic.results(), synthetic.results(500).query("method == 'ect'").assign(seed=9)])
    summary = summarise(both, synthetic.speed(), synthetic.cards())["mnist"]
    heads = [h.label for h in tables.quality_table(summary).headers if h.key.startswith("fd_lenet_n")]
    assert heads == ["FD (lenet), N = 1,000", "FD (lenet), N = 500"]


def test_a_floor_with_another_n_is_a_note_and_no_column():
    other = synthetic.results(397).query("method == 'data'")
    both = pd.concat([synthetic.results().query("method != 'data'"), other])
    table = tables.quality_table(summarise(both, synthetic.speed(), synthetic.cards())["mnist"])
    assert not any("397" in h.label for h in table.headers)
    assert any("N = 397" in note and "FD (lenet) " in note for note in table.notes)


def test_latex_is_balanced_and_every_line_has_as_many_columns(nasty):
    for table in tables.tables(nasty).values():
        text = tables.to_latex(table, "results.csv abc")
        assert text.startswith("% generated from results.csv abc\n")
        bare = re.sub(r"\\[\\&%$#_{}]", "", text)
        assert bare.count("{") == bare.count("}") and bare.count("$") % 2 == 0
        assert re.findall(r"\\(?:begin|end){(\w+)}", text) == ["table", "tabular", "tabular", "table"]
        body = re.search(r"\\toprule\n(.*)\\bottomrule", text, re.DOTALL)[1]
        lines = [re.sub(r"\\[&%]", "", line) for line in body.splitlines() if line != r"\midrule"]
        columns = len(re.search(r"\\begin{tabular}{(\w+)}", text)[1])
        assert {line.count("&") + 1 for line in lines} == {columns}
        assert all(line.endswith(r"\\") for line in lines)
        assert text.isascii()


def test_latex_escapes_text(nasty):
    text = tables.to_latex(tables.quality_table(nasty))
    escaped = r"\& 50\% \$x\_1\$ \#\{\textasciitilde{}\textasciicircum{}\}\textbackslash{}"
    assert escaped in text


def test_markdown_keeps_text_in_its_cell(nasty):
    lines = [line for line in tables.to_markdown(tables.quality_table(nasty)).splitlines() if line.startswith("|")]
    assert len({len(re.sub(r"\\\|", "", line).split("|")) for line in lines}) == 1


@pytest.mark.parametrize("start", list("=+-@") + ["\t"])
def test_csv_text_is_never_a_formula(start):
    cards = synthetic.cards()
    cards["ect"]["variants"]["multistep"]["label"] = f"{start}1+1"
    summary = summarise(synthetic.results(), synthetic.speed(), cards)["mnist"]
    labels = [row[2] for row in rows_of(tables.to_csv(tables.quality_table(summary)))]
    assert f"'{start}1+1" in labels and f"{start}1+1" not in labels


def test_write_tables_writes_every_table_in_three_formats(run, tmp_path):
    meta = {"commit": "2f5c88a", "cells": cells(run.config), "machines": {"c0ffee123456": "AMD EPYC"}}
    files = [run.folder / name for name in ("results.csv", "speed.csv")]
    written = tables.write_tables(*files, run.cards, tmp_path, meta)
    assert sorted(tmp_path.iterdir()) == written
    stems = {path.stem for path in written}
    assert {"quality_mnist", "speed_mnist", "fd_lenet_by_nfe_mnist", "recall_by_nfe_mnist"} <= stems
    assert len(written) == 3 * len(stems)
    speed = (tmp_path / "speed_mnist.tex").read_text(encoding="utf-8")
    assert "commit 2f5c88a" in speed.splitlines()[0] and "AMD EPYC" in speed
    assert "DDPM (DDIM) at 17 NFE" in speed  # timed on a machine that was not quiet
    before = {path: path.read_bytes() for path in written}
    tables.write_tables(*files, run.cards, tmp_path, meta)
    assert before == {path: path.read_bytes() for path in written}
