"""Tables as blocks of the page, with the marks of their rows and links to their files."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from fewstep.report.blocks import Download, Listing, Numbers
from fewstep.report.embed import download, mark
from fewstep.report.inputs import Run
from fewstep.report.tables.model import Table


def downloads(tables: Path, *names: str) -> list[Download]:
    """Links to the CSV files of tables, those that there are."""
    files = [tables / f"{name}.csv" for name in names]
    return [download(path) for path in files if path.is_file()]


def numbers(
    run: Run, anchor: str, table: Table, files: Sequence[Download] = (), filters: bool = False, bars: Iterable[str] = ()
) -> Numbers:
    """A table that can be sorted."""
    return Numbers(anchor, table, marks(run, table), files, filters, list(bars))


def listing(run: Run, anchor: str, table: Table, files: Sequence[Download] = (), remarks: bool = False) -> Listing:
    """A table of text; `remarks`: its last column is a sentence."""
    return Listing(anchor, table, marks(run, table), files, remarks)


def marks(run: Run, table: Table) -> list:
    """The marker of every row; none for real images, nor for a method that was renamed since."""
    known = run.style.methods
    return [mark(run.style.look(row.method, row.variant)) if row.method in known else None for row in table.rows]
