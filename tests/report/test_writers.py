"""Tables keep their cells in all three formats, whatever characters stand in them."""

import csv
import io
import re

import numpy as np
import pytest

from fewstep.report.tables.model import File, Head, Number, Raw, Row, Table
from fewstep.report.tables.writers import to_csv, to_latex, to_markdown, write

BEST = Number(1.5, 1.0, 2.0, "1.5", "0.5", frozenset({"best"}))
TABLE = Table(
    "50 % | of_them",
    (Head("Method", left=True), Head("score & more", direction=-1), Head("FD")),
    (Row("edm", "heun", 5, ("a|b", "1_2", BEST)), Row("edm", "euler", 5, ("c", "3 %", BEST))),
    ("One <note>.",),
)


def test_csv_reads_back():
    rows = [["a,b", 'say "x"', 1], ["line\nbreak", 1 / 3, 2]]
    heads, *back = csv.reader(io.StringIO(to_csv(Raw(["p", "q", "r"], rows))))
    assert heads == ["p", "q", "r"]
    assert back == [[str(cell) for cell in row] for row in rows]


def test_numbers_of_numpy_are_plain_and_what_is_missing_is_empty():
    text = to_csv(Raw(["a", "b", "c", "d"], [[np.float64(0.1), np.int64(3), None, float("nan")]]))
    assert text.splitlines()[1] == "0.1,3,,"


@pytest.mark.parametrize("start", list("=+-@") + ["\t"])
def test_no_text_in_a_csv_is_a_formula(start):
    (line,) = list(csv.reader(io.StringIO(to_csv(Raw(["a"], [[f"{start}1+1"]])))))[1:]
    assert line == [f"'{start}1+1"]


def test_markdown_has_as_many_cells_in_every_row():
    rows = [line for line in to_markdown(TABLE).splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(TABLE.rows)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {1 + len(TABLE.heads)}
    assert "score & more ↓" in rows[0] and "**1.5** ± 0.5" in rows[2] and rows[1] == "|:--|--:|--:|"


def test_latex_has_as_many_cells_in_every_row():
    text = to_latex(TABLE)
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 1 + len(TABLE.rows)
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {len(TABLE.heads) - 1}
    assert not any(re.search(r"(?<!\\)[%_]", row) for row in rows)
    assert r"\begin{tabular}{lrr}" in text and r"\textbf{1.5} {\small$\pm$ 0.5}" in text


def test_caption_and_notes_are_in_every_format_that_is_read():
    for text in (to_markdown(TABLE), to_latex(TABLE)):
        assert "50" in text and "note" in text


def test_a_name_with_dots_stays_and_several_tables_share_their_files(tmp_path):
    files = write(File("edits_v1.5", [TABLE, TABLE], Raw(["p"], [[1]]), source="scores.csv abc"), tmp_path)
    assert [file.name for file in files] == ["edits_v1.5.csv", "edits_v1.5.md", "edits_v1.5.tex"]
    raw, markdown, latex = (file.read_text(encoding="utf-8") for file in files)
    assert raw.splitlines() == ["p", "1"] and markdown.count("One") == 2
    assert latex.count("% generated from scores.csv abc\n") == 2
