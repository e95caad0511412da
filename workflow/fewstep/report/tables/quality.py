"""Scores of all samplers of a data set: one table of all, one by NFE for each score, and the page's main table."""

from collections.abc import Iterator

from fewstep.report.inputs import Run
from fewstep.report.summary import Summary
from fewstep.report.tables import numbers
from fewstep.report.tables.model import File, Table
from fewstep.scoring.metrics import collapse

SPEED_NOTE = (
    "images/s: ± is half of the distance between the quartiles of the rounds; latency: the median of single images. "
    "Timings on a busy machine are shown, but not ranked."
)
_CORRECTED = "The difference “− bias” estimates the distance of infinitely many samples."
_SPEEDS = ("images_per_second", "latency_p50_ms", "flops_per_image")


def files(run: Run, dataset: str) -> Iterator[File]:
    """`quality_<dataset>`, and `<metric>_by_nfe_<dataset>` for every score."""
    for name, table in tables(run.summaries[dataset]).items():
        yield File(f"{name}_{dataset}", [table], numbers.raw(table))


def tables(summary: Summary) -> dict[str, Table]:
    """The tables of this file by their names."""
    found = {"quality": everything(summary)}
    for column in summary.quality:
        caption = f"{column.quantity.heading} on {summary.dataset} by NFE, {column.context}"
        metric = column.quantity.name if column is summary.find(column.quantity.name) else column.key
        notes = [numbers.LEGEND, *_made(summary)]
        found[f"{metric}_by_nfe"] = numbers.table_by_nfe(summary, column, caption, notes)
    return found


def everything(summary: Summary) -> Table:
    """Every score of every cell."""
    caption = ", ".join([f"Quality on {summary.dataset}", *dict.fromkeys(c.context for c in summary.quality)])
    notes = [numbers.LEGEND, *_made(summary), *numbers.notes(summary)]
    return numbers.table(summary.frame, summary.quality, caption, notes)


def main(summary: Summary) -> Table:
    """Scores, then the main speeds; without the predicted bias, which is no merit, and the metrics of Variety."""
    hidden = ("_bias", *collapse.METRICS)
    quality = [c for c in summary.quality if not c.quantity.name.endswith(hidden)]
    speeds = [c for c in map(summary.find, _SPEEDS) if c]
    caption = f"All methods on {summary.dataset}"
    if summary.distance:
        caption += f", {summary.distance.context} samples per seed"
    corrected = any(c.quantity.name.endswith("_corrected") for c in quality)
    notes = [
        numbers.LEGEND,
        *_made(summary),
        *[_CORRECTED] * corrected,
        *numbers.notes(summary),
        *[SPEED_NOTE] * bool(speeds),
    ]
    return numbers.table(summary.frame, quality + speeds, caption, notes)


def _made(summary: Summary) -> list[str]:
    """What the intervals hold, and whose NFE was declared."""
    return [numbers.trainings(summary.frame), *numbers.declared(summary.frame)]
