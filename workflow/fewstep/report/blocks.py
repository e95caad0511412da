"""What a page is made of: sections, each a list of small blocks that the template shows by their `kind`.

A new section is a new list of these blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from fewstep.report.tables.model import Table


@dataclass(frozen=True)
class Section:
    """One heading of the page; `anchor` is its id."""

    anchor: str
    title: str
    blocks: Sequence
    nav: bool = True


@dataclass(frozen=True)
class Download:
    """A file inside of the page: `uri` is a data: URI."""

    name: str
    uri: str


@dataclass(frozen=True)
class Mark:
    """The marker of a variant as an SVG path in a box of -1..1; the page colours it by `slot`."""

    slot: int
    path: str
    opacity: float  # of the fill: 1 full, 0 open, between the two for half-filled markers


@dataclass(frozen=True)
class Prose:
    kind: ClassVar[str] = "prose"
    paragraphs: Sequence[str]


@dataclass(frozen=True)
class Answer:
    """One question, who is the answer, by which number; `row` is the id of its line in the main table."""

    question: str
    label: str
    nfe: str
    mark: Mark
    value: str
    error: str
    unit: str
    detail: str
    row: str


@dataclass(frozen=True)
class Answers:
    kind: ClassVar[str] = "answers"
    items: Sequence[Answer]


@dataclass(frozen=True)
class Numbers:
    """A table of numbers, sortable; with `filters`, rows can be searched and picked by family and NFE."""

    kind: ClassVar[str] = "numbers"
    anchor: str
    table: Table
    marks: Sequence[Mark | None]
    downloads: Sequence[Download] = ()
    filters: bool = False
    bars: Sequence[str] = ()  # keys of the columns whose numbers are also drawn as a bar, on a logarithmic scale


@dataclass(frozen=True)
class Picture:
    kind: ClassVar[str] = "picture"
    title: str
    svg: Markup
    caption: str
    downloads: Sequence[Download] = ()


@dataclass(frozen=True)
class Strip:
    """A row of images as one PNG; `width` and `height` are whole multiples of its pixels: it stays crisp."""

    label: str
    detail: str
    mark: Mark | None
    uri: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Strips:
    """Rows of images whose columns belong together; a row starts a group where its label changes."""

    kind: ClassVar[str] = "strips"
    rows: Sequence[Strip]
    caption: str


@dataclass(frozen=True)
class Listing:
    """A table of text, in the order of its rows. `remarks`: the last column is a sentence."""

    kind: ClassVar[str] = "listing"
    anchor: str
    table: Table
    marks: Sequence[Mark | None]
    downloads: Sequence[Download] = ()
    remarks: bool = False


@dataclass(frozen=True)
class Card:
    title: str
    name: str
    tags: Sequence[str]
    variants: Sequence[tuple[Mark, str, str]]  # mark, label, NFE
    paper: str
    paper_url: str | None
    year: int | None
    readme: str | None
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Cards:
    kind: ClassVar[str] = "cards"
    items: Sequence[Card]


@dataclass(frozen=True)
class Facts:
    """Names and values; `folded` ones are shown on demand."""

    kind: ClassVar[str] = "facts"
    title: str
    items: Sequence[tuple[str, str]]
    folded: bool = False
