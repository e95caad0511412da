"""Figures as they were drawn for paper, in the page's colours."""

from pathlib import Path

from fewstep.report import figures
from fewstep.report.blocks import Picture, Section
from fewstep.report.embed import inline_svg

_IN_PAGE = tuple(name for name in figures.FIGURES if name not in ("sample_grid", "training_curves"))


def sections(dataset: str, folder: Path) -> list[Section]:
    """Trade-offs between the scores, the speed and the NFE."""
    return [Section(f"figures-{dataset}", "Trade-offs", pictures(_IN_PAGE, dataset, folder))]


def pictures(names: tuple[str, ...], dataset: str, folder: Path) -> list[Picture]:
    """Figures of a data set by name."""
    found = []
    for name in names:
        source = figures.module(name)
        svg = inline_svg(folder / f"{name}_{dataset}.svg", f"{source.TITLE}, {dataset}. {source.CAPTION}")
        found.append(Picture(source.TITLE, svg, source.CAPTION))
    return found
