"""What classifiers learn from the samples, and whether observers can tell them from real images."""

from pathlib import Path

from fewstep.report.blocks import Section
from fewstep.report.inputs import Run
from fewstep.report.sections.shown import downloads, listing
from fewstep.report.tables import classifiers
from fewstep.results import views


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """A table for each score that the profile asks for; nothing where it asks for none."""
    found = classifiers.tables(views.of_classifiers(run.scores, dataset), run.cards)
    files = downloads(tables, f"classifiers_{dataset}")
    blocks = [
        listing(run, f"{name}-{dataset}", table, files if name == list(found)[-1] else ())
        for name, table in found.items()
    ]
    return [Section(f"classifiers-{dataset}", "Classifiers and observers", blocks)] if blocks else []
