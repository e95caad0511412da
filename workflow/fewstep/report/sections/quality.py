"""Answers first, then the main table."""

from pathlib import Path

from fewstep.report.blocks import Answers, Prose, Section
from fewstep.report.collapse_signs import signs
from fewstep.report.highlights import answers, headline
from fewstep.report.inputs import Run
from fewstep.report.sections.shown import downloads, numbers
from fewstep.report.tables import quality
from fewstep.results import views


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """The answers, and every cell with its scores and its speed."""
    summary = run.summaries[dataset]
    bars = [c.key for c in (summary.distance, summary.find("images_per_second")) if c]
    files = downloads(tables, f"quality_{dataset}", f"speed_{dataset}")
    block = numbers(run, f"table-{dataset}", quality.main(summary), files, filters=True, bars=bars)
    return [
        Section(f"answers-{dataset}", "In short",
                [Prose([headline(summary, run.style), *_warning(run, dataset)]),
                 Answers(answers(summary, run.style))]),
        Section(f"results-{dataset}", "Results", [block]),
    ]  # fmt: skip


def _warning(run: Run, dataset: str) -> list[str]:
    found, count = len(signs(views.of_samples(run.scores), dataset)), len(run.summaries[dataset].ranked)
    return [f"{found} of {count} samplers show signs of collapse, listed under Variety."] if found else []
