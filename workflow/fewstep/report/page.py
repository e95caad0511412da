"""One self-contained page that works offline: everything is inside, nothing outside can be asked for."""

from dataclasses import replace
from pathlib import Path

from fewstep import __version__
from fewstep.base.files import write_text
from fewstep.base.templates import template
from fewstep.report.blocks import Section
from fewstep.report.inputs import Run
from fewstep.report.sections import (
    classifiers,
    edits,
    evaluation,
    grids,
    methods,
    people,
    pictures,
    provenance,
    quality,
    speed,
    training,
    variety,
)
from fewstep.report.style import DARK, LIGHT

TEMPLATES = Path(__file__).resolve().parents[3] / "reports" / "templates"


def write_page(run: Run, figures: str | Path, tables: str | Path, out: str | Path) -> Path:
    """Write the page.

    Args:
        run: what was measured.
        figures: folder that `figures.write_figure` wrote to.
        tables: folder that `tables.write_tables` wrote to.
        out: the file, usually reports/<profile>/index.html.
    """
    write_text(out, render(run, sections(run, Path(figures), Path(tables))))
    return Path(out)


def sections(run: Run, figures: Path, tables: Path) -> list[Section]:
    """All sections, from the answers to the provenance."""
    found: list[Section] = []
    for dataset in run.summaries:
        here = quality.sections(run, dataset, tables)
        here += variety.sections(run, dataset)
        here += pictures.sections(run, dataset, figures, tables)
        here += grids.sections(run, dataset)
        here += classifiers.sections(run, dataset, tables)
        here += people.sections(run, dataset, tables)
        here += evaluation.sections(run, dataset, tables)
        here += edits.sections(run, dataset, tables)
        here += speed.sections(run, dataset, tables)
        here += training.sections(run, dataset, figures)
        found += [replace(s, title=f"{s.title}, {dataset}") for s in here] if len(run.summaries) > 1 else here
    return found + methods.sections(run) + provenance.how(run) + provenance.sections(run)


def render(run: Run, sections: list[Section]) -> str:
    """The page as text. Every text is escaped; styles and script are inlined."""
    return template(TEMPLATES, "index.html.j2").render(
        profile=run.profile,
        datasets=list(run.summaries),
        version=__version__,
        manifest=run.manifest,
        sections=sections,
        css=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        js=(TEMPLATES / "report.js").read_text(encoding="utf-8"),
        light=LIGHT,
        dark=DARK,
    )
