"""Images per second of editing, from real images on the host to edited ones, at one batch size."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
from torch import nn

from fewstep.contract import ImageShape
from fewstep.data import Split
from fewstep.editing import cells
from fewstep.score_rows import Row, row
from fewstep.statistics import Pooled
from fewstep.timing.calibration import Calibration
from fewstep.timing.environment import cpu_threads
from fewstep.timing.lock import exclusive
from fewstep.timing.settings import Settings
from fewstep.timing.throughput import bootstrap_interval, measure_throughput
from fewstep.timing.workload import Cell, Timer

METRIC = "images_per_second"
ROUNDS, WARM_UP_SECONDS = 3, 0.1  # the NFE says most of the speed, which the samplers' own timings tell better


def timed_cell(edit: cells.Edit, model: nn.Module, cell: cells.Cell, shape: ImageShape, real: Split) -> Cell:
    """An edit as something to time: every call takes the next images, from the first again after the last."""
    made = 0

    def generate(count: int) -> np.ndarray:
        nonlocal made
        indices = [i % len(real) for i in range(made, made + count)]
        made += count
        return cells.edit_images(edit, model, cell, shape, real, indices, batch=count).images

    return Cell(cell.name, "", generate, model)


def time_cells(timed: Sequence[Cell], settings: Settings, lock: Path) -> list[Row]:
    """One row of edits.csv for each cell, less the names of the cell, while nothing else is timed.

    Time is taken at the middle one of the profile's batch sizes, which `n_samples` tells. The interval is a bootstrap
    of the median of the rounds.
    """
    batch = settings.batch_sizes[len(settings.batch_sizes) // 2]
    settings = replace(settings, batch_sizes=(batch,), rounds=ROUNDS, warmup_seconds=WARM_UP_SECONDS)
    timer = Timer(settings.device)
    with exclusive(lock), cpu_threads(settings.threads):
        measured = measure_throughput(timed, settings, Calibration(timer), timer)
    rows = []
    for found in measured:
        rates = np.array([each.images_per_second for each in found.rounds])
        score = Pooled(median(rates), float(rates.std(ddof=1)), *bootstrap_interval(rates))
        rows.append(row(METRIC, score, batch))
    return rows
