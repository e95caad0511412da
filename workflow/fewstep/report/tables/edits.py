"""What methods did to images, task by task: one table and one grid of images each."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from fewstep.plan.edit_names import INPUT, INTERPOLATION, PATH, REAL, TASKS, TRUE
from fewstep.plan.presented import EDITS
from fewstep.report.inputs import Run
from fewstep.report.strips import Strip
from fewstep.report.summary import CELL, Column, Summary, summarise
from fewstep.report.tables import numbers
from fewstep.report.tables.model import File, Table
from fewstep.results import views
from fewstep.results.quantities import UNRANKED, describe

RATE = "images_per_second"
LABELS = {INPUT: "As given", TRUE: "True images"}
DISTANCE_NOTE = (
    "Distances are to the held-out images that were not edited; that of the true images is what chance alone gives."
)
NOTE = (
    "PSNR and SSIM compare whole images with the true ones. The constraint error is the largest difference in what is "
    "known, in grey levels over all images, before and after rounding to 8 bits; float64's own rounding counts as 0."
)
RATE_NOTE = "images/s: ± is half of the distance between the quartiles of the rounds; the speeds are not ranked."
_NOISE = 1e-9


def files(run: Run, dataset: str) -> Iterator[File]:
    """`edits_<task>_<dataset>` for every task."""
    for task in run.edits(dataset):
        made = table(dataset, task, summary(run, dataset, task))
        yield File(f"{EDITS}{task}_{dataset}", [made], numbers.raw(made))


def summary(run: Run, dataset: str, task: str) -> Summary:
    """Scores and speed of a task, one row per (method, variant, NFE), then what was given and the true images."""
    rows, timed = (views.of_edit(table, dataset, task) for table in (run.scores, run.speed))
    wanted = [(d, m, v, nfe) for d, t, m, v, nfe in run.settings if (d, t) == (dataset, views.EDIT + task)]
    found = summarise(rows, timed, run.cards, wanted, run.machines)[dataset]
    frame = found.frame
    frame["label"] = [LABELS[row.variant] if row.floor else row.label for row in frame.itertuples()]
    for column in found.quality:
        if column.quantity.name.startswith("constraint_error"):
            # Of all images and seeds the worst one, which has no interval.
            worst = rows[rows.metric == column.quantity.name].groupby(CELL).value.max()
            values = worst.reindex(pd.MultiIndex.from_frame(frame[CELL])).to_numpy()
            for key in (column.key, column.low, column.high):
                frame[key] = np.where(values < _NOISE, 0.0, values)
    return replace(found, speed=tuple(_rate(column, frame) for column in found.speed if column.quantity.name == RATE))


def _rate(column: Column, frame: pd.DataFrame) -> Column:
    """The column of images/s, which is not ranked; its context is the batch sizes."""
    sizes = frame[column.key.replace(RATE, "batch")].dropna().unique()
    batches = " and ".join(f"{n:g}" for n in sorted(sizes))
    return replace(column, quantity=replace(describe(RATE), direction=UNRANKED), context=f"batch {batches}")


def table(dataset: str, task: str, found: Summary) -> Table:
    """The summary of a task as a table; its caption describes the task."""
    meaning = TASKS[task]
    kept = f" Kept exactly: {meaning.known}." if meaning.known else ""
    notes = [DISTANCE_NOTE, *[NOTE] * bool(meaning.known), numbers.LEGEND, numbers.trainings(found.frame), RATE_NOTE]
    caption = f"{meaning.title} on {dataset}. {meaning.given}{kept}"
    return numbers.table(found.frame, [*found.quality, *found.speed], caption, notes)


def strips(run: Run, dataset: str, task: str) -> list[Strip]:
    """The first images of a task: what was given, every cell in the order of the table, the true images."""
    columns = PATH if task == INTERPOLATION else run.grid_columns(dataset)
    with np.load(run.files[dataset].edit_inputs, allow_pickle=False) as stored:
        given = {name: stored[name][:columns] for name in stored}
    ends = [Strip(REAL, name, None, LABELS[name], given[key]) for name, key in ((INPUT, task), (TRUE, TRUE))
            if key in given and task != INTERPOLATION]  # fmt: skip
    return [*ends[:1], *_cells(run, dataset, task, columns), *ends[1:]]


def _cells(run: Run, dataset: str, task: str, columns: int) -> Iterator[Strip]:
    for row in summary(run, dataset, task).ranked.itertuples():
        shards = run.shards(dataset, row.method, row.variant, int(row.nfe), task)
        yield Strip(row.method, row.variant, int(row.nfe), row.label, shards.first(columns))
