"""A table before it has a format: heads, and rows of text and of numbers with their intervals and marks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fewstep.results.quantities import HIGHER, LOWER, UNRANKED, Quantity


@dataclass(frozen=True)
class Number:
    """One number: the raw value and interval, how they are shown, and its marks (ranking.BEST, SECOND, TIE)."""

    value: float
    low: float
    high: float
    text: str
    error: str
    marks: frozenset[str]


Cell = str | Number


@dataclass(frozen=True)
class Head:
    """One column: its heading, which way is better, what its numbers share and mean, and its name in CSV files.

    Columns are right-aligned, like numbers, unless they hold names or sentences (`left`).
    """

    label: str
    key: str = ""
    direction: int = UNRANKED
    context: str = ""
    meaning: str = ""
    left: bool = False

    @classmethod
    def of(cls, quantity: Quantity) -> "Head":
        """The heading of a quantity with its unit."""
        return cls(quantity.heading, quantity.name, quantity.direction, meaning=quantity.meaning)

    @property
    def arrow(self) -> str:
        return {HIGHER: "↑", LOWER: "↓"}.get(self.direction, "")

    @property
    def title(self) -> str:
        """The heading with its arrow."""
        return f"{self.label} {self.arrow}".strip()


@dataclass(frozen=True)
class Row:
    """One line: whose images it is about, and its cells. The floor, real images, is shown, but not ranked."""

    method: str
    variant: str
    nfe: int | None
    cells: tuple[Cell, ...]
    family: str = ""
    floor: bool = False

    @property
    def label(self) -> str:
        return str(self.cells[0])


@dataclass(frozen=True)
class Table:
    """What is shown under a caption, with the sentences under it."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


class Raw(NamedTuple):
    """What a CSV file holds: every digit, and one line for each row or each score."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class File:
    """The content of <name>.csv, .md and .tex: tables to read, and the raw numbers behind them."""

    name: str
    tables: Sequence[Table]
    raw: Raw
    source: str = field(default="", kw_only=True)  # where the numbers come from, in words


WHO = (Head("Method", left=True), Head("NFE"))
SAMPLER = (Head("Sampler", left=True), Head("NFE"))
