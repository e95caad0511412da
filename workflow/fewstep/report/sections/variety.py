"""Whether samplers drop classes, repeat themselves, or drift in brightness."""

from fewstep import collapse
from fewstep.report import grid
from fewstep.report.blocks import Listing, Numbers, Section
from fewstep.report.embed import mark
from fewstep.report.inputs import Run
from fewstep.report.sections.quality import marks
from fewstep.report.variety import signs

_NOTE = (
    "A class counts as covered if it comes with at least a quarter of its share among real images, by the extractor's "
    "classifier. A copy lies nearer to another sample than a quarter of the usual distance between real neighbours, in "
    "the extractor's features. Brightness and contrast are 1 where they are those of real images."
)


def sections(run: Run, dataset: str) -> list[Section]:
    """What looks like collapse, and the numbers behind it."""
    summary = run.summaries[dataset]
    columns = [c for c in summary.quality if c.quantity.name in collapse.METRICS]
    if not columns:
        return []
    table = grid.table(summary.frame, columns, f"Variety on {dataset}", [_NOTE, grid.LEGEND])
    blocks = [Numbers(f"variety-table-{dataset}", table, marks(summary, run.style))]
    if found := signs(run.results, dataset):
        blocks.insert(0, _listing(run, dataset, found))
    return [Section(f"variety-{dataset}", "Variety", blocks)]


def _listing(run: Run, dataset: str, found: dict) -> Listing:
    labels = {(r.method, r.variant): r.label for r in run.summaries[dataset].frame.itertuples()}
    rows = [
        (mark(run.style.look(method, variant)), [labels[method, variant], str(nfe), "; ".join(told)])
        for (method, variant, nfe), told in found.items()
    ]
    return Listing(
        f"signs-{dataset}", "Signs of collapse", ("Method", "NFE", "What the samples show"), rows, remarks=True
    )
