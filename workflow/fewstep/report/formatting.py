"""How numbers and text are written in each format: one place for rounding and for escaping."""

import math
from collections.abc import Iterable

NOT_AVAILABLE = "n/a"  # asked for, and there is no number
NOT_APPLICABLE = "–"  # nothing was asked for
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "−": "$-$", "×": r"$\times$",
    "→": r"$\rightarrow$", "|": r"\textbar{}",
    "⁻": "$^{-}$", "³": "$^{3}$", "⁵": "$^{5}$", "↑": r"$\uparrow$", "↓": r"$\downarrow$", "•": r"$^{\bullet}$",
    "≤": r"$\leq$", "–": "--", "\u00a0": "~",
    "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def plain(value: float, decimals: int | None = None) -> str:
    """A number without an exponent, thousands separated; three significant digits if no `decimals`."""
    if math.isnan(value):
        return NOT_AVAILABLE
    if decimals is None:
        decimals = 0 if value == round(value) else _significant(value, 3)
    text = f"{value:,.{decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) != 0 else text.lstrip("-")


def evaluations(nfe: int) -> str:
    """An NFE as text; 0 stands for one that nobody knows."""
    return str(nfe) if nfe else NOT_AVAILABLE


def tick(value: float) -> str:
    """A tick label: as few digits as say it, no exponent."""
    return plain(value, _decimals_of(value))


def _decimals_of(value: float) -> int:
    text = f"{value:.12f}".rstrip("0")
    return len(text.partition(".")[2])


def _significant(value: float, digits: int) -> int:
    if value == 0 or math.isinf(value):
        return 0
    return min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), 6)


def column_decimals(half_widths: Iterable[float]) -> int | None:
    """Decimals that show a digit of a column's tighter intervals; None if there are no intervals."""
    widths = sorted(w for w in half_widths if w > 0)
    if not widths:
        return None
    return min(max(-math.floor(math.log10(widths[len(widths) // 4])), 0), 6)


def latex(text: str) -> str:
    """Text that LaTeX prints as it stands."""
    return "".join(_LATEX.get(character, character) for character in text)


def markdown(text: str) -> str:
    """Text that stays within one cell of a Markdown table and is not markup."""
    for character in "\\`*_[]|<>":
        text = text.replace(character, "\\" + character)
    return " ".join(text.split())


def csv_text(text: str) -> str:
    """Text that a spreadsheet does not run as a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
