"""Tables as files: what is marked, what is escaped, what is never dropped."""

import io
import re

import pandas as pd
import pytest
import synthetic
from synthetic import NASTY

from fewstep.report.summary import summarise
from fewstep.report.tables import numbers, quality, write_tables
from fewstep.report.tables.writers import to_csv, to_latex, to_markdown


@pytest.fixture
def nasty():
    """A summary in which a label holds everything that is markup somewhere."""
    cards = synthetic.cards()
    cards["ect"]["variants"]["multistep"]["label"] = NASTY
    return summarise(synthetic.results(), synthetic.speed(), cards)["mnist"]


def test_csv_keeps_full_precision_and_intervals(summary):
    read = pd.read_csv(io.StringIO(to_csv(numbers.raw(quality.everything(summary)))))
    column = summary.distance
    for key in (column.key, column.low, column.high):
        assert read[key].tolist() == pytest.approx(summary.frame[key].tolist(), rel=0, abs=0, nan_ok=True)


def test_best_second_and_ties_are_marked_once_per_column_and_never_on_the_floor(summary):
    text = to_markdown(quality.everything(summary))
    lines = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    distance = [line[2] for line in lines]
    best = summary.ranked[summary.distance.key].argmin()
    assert [i for i, text in enumerate(distance) if "**" in text] == [best]
    assert sum("<u>" in text for text in distance) == 1
    assert not any(mark in cell for cell in lines[-1] for mark in ("**", "<u>", "•"))  # the floor, though it is lower
    assert lines[-1][0].startswith("| Real images")


def test_the_corrected_distance_is_explained_where_it_is_shown(summary):
    rows = synthetic.results()
    raw = rows[~rows.metric.str.endswith("_corrected")]
    without = summarise(raw, synthetic.speed(), synthetic.cards())["mnist"]
    told = ["infinitely many" in " ".join(quality.main(each).notes) for each in (summary, without)]
    assert told == [True, False]


def test_missing_cells_are_shown(summary):
    for text in (
        to_markdown(quality.everything(summary)),
        to_latex(quality.everything(summary)),
    ):
        line = next(line for line in text.splitlines() if re.match(r"(\| )?Consistency training [|&] 2 ", line))
        assert line.count("n/a") == len(summary.quality)


def test_by_nfe_ranks_within_each_nfe(summary):
    table = quality.tables(summary)["fd_lenet_by_nfe"]
    best = [[row.label for row in table.rows if "best" in row.cells[i].marks] for i in range(1, len(table.heads))]
    assert [h.label for h in table.heads[1:]] == [f"{n} NFE" for n in (1, 2, 4, 5, 9, 17, 35)]
    assert best == [["ECT"]] * 3 + [["EDM (Heun)"]] * 4


def test_distances_at_different_n_are_headed_by_their_n():
    both = pd.concat([synthetic.results(), synthetic.results(500).query("method == 'ect'").assign(seed=9)])
    summary = summarise(both, synthetic.speed(), synthetic.cards())["mnist"]
    heads = [h.label for h in quality.everything(summary).heads if h.key.startswith("fd_lenet_n")]
    assert heads == ["FD (lenet), N = 1,000", "FD (lenet), N = 500"]


def test_a_floor_with_another_n_is_a_note_and_no_column():
    other = synthetic.results(397).query("method == 'data'")
    both = pd.concat([synthetic.results().query("method != 'data'"), other])
    table = quality.everything(summarise(both, synthetic.speed(), synthetic.cards())["mnist"])
    assert not any("397" in h.label for h in table.heads)
    assert any("N = 397" in note and "FD (lenet) " in note for note in table.notes)


def test_latex_is_balanced_and_every_line_has_as_many_columns(nasty):
    for table in quality.tables(nasty).values():
        text = to_latex(table, "scores.csv abc")
        assert text.startswith("% generated from scores.csv abc\n")
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
    text = to_latex(quality.everything(nasty))
    escaped = r"\& 50\% \$x\_1\$ \#\{\textasciitilde{}\textasciicircum{}\}\textbackslash{}"
    assert escaped in text


def test_markdown_keeps_text_in_its_cell(nasty):
    lines = [line for line in to_markdown(quality.everything(nasty)).splitlines() if line.startswith("|")]
    assert len({len(re.sub(r"\\\|", "", line).split("|")) for line in lines}) == 1


def test_write_tables_writes_every_table_in_three_formats(run, tmp_path):
    written = write_tables(run, tmp_path)
    assert sorted(tmp_path.iterdir()) == written
    stems = {path.stem for path in written}
    assert {"quality_mnist", "speed_mnist", "fd_lenet_by_nfe_mnist", "recall_by_nfe_mnist", "evaluation_mnist"} <= stems
    assert len(written) == 3 * len(stems)
    speed = (tmp_path / "speed_mnist.tex").read_text(encoding="utf-8")
    assert "commit 2f5c88a" in speed.splitlines()[0] and "AMD EPYC" in speed
    assert "DDPM (DDIM) at 17 NFE" in speed  # timed on a machine that was not quiet
    before = {path: path.read_bytes() for path in written}
    write_tables(run, tmp_path)
    assert before == {path: path.read_bytes() for path in written}
