"""Whether samplers drop classes, repeat themselves, or drift in brightness."""

from fewstep.report.blocks import Section
from fewstep.report.collapse_signs import signs
from fewstep.report.inputs import Run
from fewstep.report.sections.shown import listing, numbers
from fewstep.report.tables import variety
from fewstep.results import views


def sections(run: Run, dataset: str) -> list[Section]:
    """What looks like collapse, and the numbers behind it."""
    summary = run.summaries[dataset]
    table = variety.table(summary)
    if table is None:
        return []
    blocks: list = [numbers(run, f"variety-table-{dataset}", table)]
    if found := signs(views.of_samples(run.scores), dataset):
        blocks.insert(0, listing(run, f"signs-{dataset}", variety.signs(summary, found), remarks=True))
    return [Section(f"variety-{dataset}", "Variety", blocks)]
