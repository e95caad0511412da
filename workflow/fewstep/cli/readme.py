"""The README's table of methods, made from their cards: `make readme` after adding a method."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fewstep.base.files import write_text
from fewstep.base.folders import ROOT
from fewstep.plan.cards import discover
from fewstep.plan.method_card import describe

BEGIN, END = "<!-- methods table -->", "<!-- end of methods table -->"
README = ROOT / "README.md"


def methods_table(cards: Mapping[str, Mapping[str, Any]]) -> str:
    """One row for each method: its README, paper, family, NFE per variant, teacher."""
    head = "| method | paper | family | network evaluations per image | teacher |\n|:--|:--|:--|:--|:--|\n"
    return head + "".join(_row(name, card) for name, card in cards.items())


def _row(name: str, card: Mapping[str, Any]) -> str:
    paper = card["paper"]
    if paper.startswith("arXiv:"):
        paper = f"[{paper}](https://arxiv.org/abs/{paper.removeprefix('arXiv:')})"
    offers = "; ".join(f"`{variant}`: {describe(settings['nfe'])}" for variant, settings in card["variants"].items())
    teacher = f"`{card['needs']['teacher']}`" if card["needs"]["teacher"] else "none"
    title = f"{card['title']}, {card['year']}, {paper}"
    return f"| [`{name}`](methods/{name}/README.md) | {title} | {card['family']} | {offers} | {teacher} |\n"


def with_table(readme: str, table: str) -> str:
    """The text of a README with `table` between the two markers."""
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n{table}{END}{rest.partition(END)[2]}"


def update(path: Path = README) -> None:
    """Write the table of the present methods into the README."""
    write_text(path, with_table(path.read_text(encoding="utf-8"), methods_table(discover())))


if __name__ == "__main__":
    update()
