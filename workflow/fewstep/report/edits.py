"""What methods did to images, task by task: one table and one grid of images each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from fewstep.editing.names import INPUT, INTERPOLATION, PATH, REAL, TASKS, TRUE, cells
from fewstep.report import grid
from fewstep.report.grid import Table
from fewstep.report.inputs import Run
from fewstep.report.listings import write_formats
from fewstep.report.quantities import UNRANKED, describe
from fewstep.report.samples import Strip, first_images
from fewstep.report.summary import CELL, Column, Summary, summarise
from fewstep.report.tables import to_csv, to_latex, to_markdown

RATE = "images_per_second"
LABELS = {INPUT: "As given", TRUE: "True images"}
DISTANCE_NOTE = (
    "Distances are to the held-out images that were not edited; that of the true images is what chance alone gives."
)
NOTE = (
    "PSNR and SSIM compare whole images with the true ones. The constraint error is the largest difference in what is "
    "known, in grey levels over all images, before and after rounding to 8 bits; float64's own rounding is shown as 0."
)
_NOISE = 1e-9


def tasks(run: Run, dataset: str) -> list[str]:
    """The tasks that a profile asks for, in the order of TASKS."""
    asked = {task for _, _, task, _ in cells(run.edits_asked(dataset))}
    return [task for task in TASKS if task in asked]


def summary(run: Run, dataset: str, task: str) -> Summary:
    """Scores and speed of a task, one row per (method, variant, NFE), then what was given and the true images."""
    rows = run.edits[(run.edits.dataset == dataset) & (run.edits.task == task)]
    asked = [(dataset, m, v, nfe) for m, v, name, nfe in cells(run.edits_asked(dataset)) if name == task]
    timed = rows.metric == RATE
    found = summarise(rows[~timed], run.speed_table.iloc[:0], run.cards, asked)[dataset]
    frame, rate = _with_rates(found.frame, rows[timed])
    frame["label"] = [LABELS[row.variant] if row.floor else row.label for row in frame.itertuples()]
    for column in found.quality:
        if column.quantity.name.startswith("constraint_error"):
            # Of all images and seeds the worst one, which has no interval.
            worst = rows[rows.metric == column.quantity.name].groupby(CELL).value.max()
            values = worst.reindex(pd.MultiIndex.from_frame(frame[CELL])).to_numpy()
            for key in (column.key, column.low, column.high):
                frame[key] = np.where(values < _NOISE, 0.0, values)
    return replace(found, frame=frame, speed=rate)


def _with_rates(frame: pd.DataFrame, rates: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """The frame with images/s, and the column, whose context is the batch size.

    Methods are timed minutes apart here, not in turn: the rates are shown, but not ranked.
    """
    batches = " and ".join(str(n) for n in sorted(rates.n_samples.unique()))
    column = Column(RATE, replace(describe(RATE), direction=UNRANKED), f"batch {batches}", timed=True)
    names = {"value": column.key, "ci_low": column.low, "ci_high": column.high}
    return frame.merge(rates[CELL + list(names)].rename(columns=names), on=CELL, how="left"), (column,)


def table(run: Run, dataset: str, task: str, found: Summary) -> Table:
    """The summary of a task as a table; its caption tells the task."""
    told = TASKS[task]
    kept = f" Kept exactly: {told.known}." if told.known else ""
    notes = [DISTANCE_NOTE, *[NOTE] * bool(told.known), grid.LEGEND]
    caption = f"{told.title} on {dataset}. {told.given}{kept}"
    return grid.table(found.frame, [*found.quality, *found.speed], caption, notes)


def write_tables(run: Run, dataset: str, out_dir: str | Path) -> None:
    """Write `edits_<task>_<dataset>` as .csv, .md and .tex for every task."""
    for task in tasks(run, dataset):
        made = table(run, dataset, task, summary(run, dataset, task))
        texts = (render(made) for render in (to_csv, to_markdown, to_latex))
        write_formats(Path(out_dir) / f"edits_{task}_{dataset}", *texts)


def strips(run: Run, dataset: str, task: str) -> list[Strip]:
    """The first images of a task: what was given, every cell in the order of the table, the true images."""
    columns = PATH if task == INTERPOLATION else run.grid_columns(dataset)
    with np.load(run.edit_inputs(dataset), allow_pickle=False) as stored:
        given = {name: stored[name][:columns] for name in stored}
    middle = list(_cells(run, dataset, task, columns))
    ends = [Strip(REAL, name, None, LABELS[name], given[key]) for name, key in ((INPUT, task), (TRUE, TRUE))
            if key in given and task != INTERPOLATION]  # fmt: skip
    return [*ends[:1], *middle, *ends[1:]]


def _cells(run: Run, dataset: str, task: str, columns: int) -> Iterator[Strip]:
    frame: Sequence = summary(run, dataset, task).ranked
    for row in frame.itertuples():
        folder = run.edited(dataset, row.method, row.variant, task, int(row.nfe))
        if folder.is_dir():
            images = first_images(sorted(folder.glob("*.npz")), columns)
            yield Strip(row.method, row.variant, int(row.nfe), row.label, images)
