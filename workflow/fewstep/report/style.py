"""One look for every figure and the page: a method has one colour and marker, a variant one line and fill."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DOUBLE_COLUMN = 6.75  # inches, as in two-column papers

# Eight hues that stay apart (CIELAB distance over 20) under normal, deutan, protan and tritan vision, for
# light and for dark paper. Methods beyond the eighth reuse a hue in a paler shade with another marker, and those beyond
# the sixteenth in one that is nearer to the ink.
_LIGHT = ("#0a41b3", "#b74b0f", "#1c7d65", "#b159ab", "#da8b00", "#2ca3f8", "#6c1773", "#464f26")
_DARK = ("#6a75cc", "#d95e12", "#2ba473", "#c379ad", "#f5d750", "#8be9ff", "#9b54ff", "#a0bd61")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "<", "h", ">", "d", "8", "*", "H", (4, 1, 0),
            (3, 1, 0), (5, 0, 36), (6, 1, 0), (4, 1, 45), (3, 1, 180), (7, 0, 0), (8, 1, 0), (5, 1, 36))  # fmt: skip
_LINES = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (5, 1.4, 1.2, 1.4)), (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)))
_FILLS = ("full", "none", "left", "top", "right", "bottom")
INK, GRID, MUTED = "#1a1d21", "#d9dce1", "#6b7280"
_BYTE = 26  # which byte of a name's hash places it: any would do, this one spreads the first methods well


def _mix(colour: str, other: str, share: float) -> str:
    pairs = zip(*([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (colour, other)), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


LIGHT = _LIGHT + tuple(_mix(c, "#ffffff", 0.4) for c in _LIGHT) + tuple(_mix(c, INK, 0.45) for c in _LIGHT)
DARK = _DARK + tuple(_mix(c, "#14171c", 0.35) for c in _DARK) + tuple(_mix(c, "#ffffff", 0.45) for c in _DARK)

RC = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 7.5,
    "text.parse_math": False,  # a dollar in a label is a dollar
    "text.usetex": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 7.5,
    "axes.titlesize": 8,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "legend.labelspacing": 0.55,
    "lines.linewidth": 1.3,
    "lines.markersize": 4.5,
    "figure.facecolor": "none",  # the page has a dark side too
    "axes.facecolor": "none",
    "figure.dpi": 200,
    "pdf.fonttype": 42,  # many venues refuse type 3 fonts
    "ps.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "fewstep",  # equal figures are equal bytes
}


@dataclass(frozen=True)
class Look:
    """How one variant is drawn. `slot` names the colour on the page (--c<slot> there)."""

    slot: int
    colour: str
    marker: str | tuple
    line: str | tuple
    fill: str

    @property
    def points(self) -> dict:
        """Keyword arguments of matplotlib's plot for markers."""
        face = {"markerfacecoloralt": "none"} if self.fill not in ("full", "none") else {}
        return {
            "color": self.colour,
            "marker": self.marker,
            "fillstyle": self.fill,
            "markeredgewidth": 1.0,
        } | face

    @property
    def lines(self) -> dict:
        """Keyword arguments of matplotlib's plot for a line with markers."""
        return self.points | {"linestyle": self.line}


class Style:
    """Looks of all methods, fixed by the set of their names (see `slots`)."""

    def __init__(self, cards: Mapping[str, dict], methods: Iterable[str] = ()):
        self._variants = {name: list(card.get("variants", {})) for name, card in cards.items()}
        self._slots = slots({*cards, *methods})

    @property
    def methods(self) -> frozenset[str]:
        return frozenset(self._slots)

    def look(self, method: str, variant: str) -> Look:
        """The look of a variant; the first variant of a card has a full marker and a solid line."""
        slot = self._slots[method]
        variants = self._variants.get(method, [])
        place = variants.index(variant) if variant in variants else len(variants)
        marker = _MARKERS[slot % len(_MARKERS)]
        return Look(slot % len(LIGHT), LIGHT[slot % len(LIGHT)], marker, _LINES[place % len(_LINES)],
                    _FILLS[place % len(_FILLS)])  # fmt: skip


def slots(methods: Iterable[str]) -> dict[str, int]:
    """A place in the palette for every name: its own (by its hash), or the next free one.

    A new method therefore moves another only where both want the same place; the first eight differ in hue.
    """
    taken: dict[int, str] = {}
    for name in sorted(set(methods)):
        wanted = hashlib.sha256(name.encode()).digest()[_BYTE] % len(_LIGHT)
        first = len(taken) // len(_LIGHT) * len(_LIGHT)
        place = next(p for p in (first + (wanted + k) % len(_LIGHT) for k in range(len(_LIGHT))) if p not in taken)
        taken[place] = name
    return {name: place for place, name in taken.items()}
