"""What looks like collapse of samplers, and the numbers behind it."""

from collections.abc import Mapping, Sequence

from fewstep.report.formatting import evaluations
from fewstep.report.summary import Summary
from fewstep.report.tables import numbers
from fewstep.report.tables.model import WHO, Head, Row, Table
from fewstep.scoring.metrics import collapse

_NOTE = (
    "A class counts as covered if it comes with at least a quarter of its share among real images, by the extractor's "
    "classifier. A copy lies nearer to another sample than a quarter of the usual distance between real neighbours, in "
    "the extractor's features. Brightness and contrast are 1 where they are those of real images."
)


def table(summary: Summary) -> Table | None:
    """Scores that tell a collapse, where there are some."""
    columns = [c for c in summary.quality if c.quantity.name in collapse.METRICS]
    notes = [_NOTE, numbers.LEGEND, numbers.trainings(summary.frame), *numbers.declared(summary.frame)]
    return numbers.table(summary.frame, columns, f"Variety on {summary.dataset}", notes) if columns else None


def signs(summary: Summary, found: Mapping[tuple[str, str, int], Sequence[str]]) -> Table:
    """The signs of each (method, variant, nfe) in words."""
    labels = {(row.method, row.variant): row.label for row in summary.frame.itertuples()}
    rows = [
        Row(method, variant, nfe, (labels[method, variant], evaluations(nfe), "; ".join(words)))
        for (method, variant, nfe), words in found.items()
    ]
    return Table("Signs of collapse", (*WHO, Head("What the samples show", left=True)), tuple(rows))
