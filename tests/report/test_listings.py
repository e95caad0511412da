"""Tables of text keep their cells in all three formats, whatever characters stand in them."""

import csv
import io
import re

from fewstep.report.listings import Line, Listing, to_csv, to_latex, to_markdown, write_formats

LISTING = Listing(
    "odd",
    "50 % | of_them",
    ("Method", "score & more"),
    [Line("edm", "heun", ("a|b", "1_2")), Line("edm", "euler", ("c", "3 %"))],
)


def test_csv_reads_back():
    rows = [["a,b", 'say "x"'], ["line\nbreak", 1.5]]
    heads, *back = csv.reader(io.StringIO(to_csv(["p", "q"], rows)))
    assert heads == ["p", "q"]
    assert back == [[str(cell) for cell in row] for row in rows]


def test_markdown_has_as_many_cells_in_every_row():
    rows = [line for line in to_markdown(LISTING).splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(LISTING.lines)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {1 + len(LISTING.heads)}


def test_latex_has_as_many_cells_in_every_row():
    rows = [line for line in to_latex(LISTING).splitlines() if line.endswith(r"\\")]
    assert len(rows) == 1 + len(LISTING.lines)
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {len(LISTING.heads) - 1}
    assert not any(re.search(r"(?<!\\)[%_]", row) for row in rows)


def test_a_base_with_dots_keeps_its_name(tmp_path):
    files = write_formats(tmp_path / "edits_v1.5", "c", "m", "t")
    assert [file.name for file in files] == ["edits_v1.5.csv", "edits_v1.5.md", "edits_v1.5.tex"]
    assert [file.read_text(encoding="utf-8") for file in files] == ["c", "m", "t"]
