"""Tables of text, and the three formats that every table of the report has: CSV, Markdown and LaTeX."""

import io
from collections.abc import Callable, Iterable, Sequence
from csv import writer
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from fewstep.files import write_text
from fewstep.report.formatting import csv_text, latex, markdown
from fewstep.report.summary import FLOOR


class Line(NamedTuple):
    """One sampler or control: whose images, and text under the listing's heads."""

    method: str
    variant: str
    cells: tuple[str, ...]

    @property
    def is_control(self) -> bool:
        return self.method == FLOOR


class Listing(NamedTuple):
    """A table of text under a caption."""

    name: str
    caption: str
    heads: tuple[str, ...]
    lines: list[Line]


def write_formats(base: str | Path, csv: str, md: str, tex: str) -> list[Path]:
    """Write `base`.csv, .md and .tex; returns these paths."""
    texts = {Path(f"{base}.{suffix}"): text for suffix, text in (("csv", csv), ("md", md), ("tex", tex))}
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def to_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """RFC 4180."""
    out = io.StringIO()
    file = writer(out)
    file.writerow(heads)
    file.writerows(rows)
    return out.getvalue()


def scores_to_csv(table: pd.DataFrame, numbers: Sequence[str], name: Callable[[str, str], str]) -> str:
    """Rows of scores with the raw values of the columns `numbers`; `name` calls a (method, variant) by its label."""
    heads = ["method", "variant", "label", "nfe", "metric", *numbers]
    rows = (
        [row.method, row.variant, csv_text(name(row.method, row.variant)), row.nfe, row.metric,
         *(getattr(row, column) for column in numbers)]
        for row in table.itertuples()
    )  # fmt: skip
    return to_csv(heads, rows)


def to_markdown(listing: Listing) -> str:
    """A GitHub table under its caption."""
    rules = [":--"] + ["--:"] * (len(listing.heads) - 1)
    rows = [map(markdown, listing.heads), rules, *(map(markdown, line.cells) for line in listing.lines)]
    return f"**{markdown(listing.caption)}**\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def to_latex(listing: Listing) -> str:
    """A booktabs table."""
    head, *rows = [
        " & ".join(map(latex, cells)) + r" \\" for cells in (listing.heads, *(x.cells for x in listing.lines))
    ]
    columns = "l" + "r" * (len(listing.heads) - 1)
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head, r"\midrule", *rows, r"\bottomrule"]
    return f"% {listing.caption}\n" + "\n".join([*lines, r"\end{tabular}"]) + "\n"
