"""Figures as they were drawn for paper, in the page's colours."""

from pathlib import Path

from fewstep.plan.presented import EDITS
from fewstep.report import figures
from fewstep.report.blocks import Picture, Section
from fewstep.report.embed import download, inline_svg
from fewstep.report.inputs import Run

_ELSEWHERE = ("sample_grid", "training_curves")  # on the page, but in other sections
_TABLES = {"searched_settings": "searched"}  # tables that are shown nowhere else


def sections(run: Run, dataset: str, folder: Path, tables: Path) -> list[Section]:
    """Trade-offs between the scores, the speed and the NFE."""
    shown = run.files[dataset].figures
    names = tuple(name for name in shown if name not in _ELSEWHERE and not name.startswith(EDITS))
    return [Section(f"figures-{dataset}", "Trade-offs", pictures(names, dataset, folder, tables))]


def pictures(names: tuple[str, ...], dataset: str, folder: Path, tables: Path | None = None) -> list[Picture]:
    """Figures of a data set by name, each with its table where it has one in the folder `tables`."""
    found = []
    for name in names:
        source = figures.module(name)
        svg = inline_svg(folder / f"{name}_{dataset}.svg", f"{source.TITLE}, {dataset}. {source.CAPTION}")
        csv = tables / f"{_TABLES[name]}_{dataset}.csv" if tables and name in _TABLES else None
        found.append(Picture(source.TITLE, svg, source.CAPTION, [download(csv)] if csv and csv.is_file() else []))
    return found
