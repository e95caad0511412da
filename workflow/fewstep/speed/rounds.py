"""Interleaved timing: every task once per round, a calibration between every two."""

from collections.abc import Sequence
from typing import NamedTuple

from fewstep.speed.calibration import IMAGES, Calibration
from fewstep.speed.workload import Timer, Workload, call_seconds


class Task(NamedTuple):
    """A workload at one batch size; `calls` of it make one round."""

    workload: Workload
    batch: int
    calls: int


class Round(NamedTuple):
    """One timed round of a task.

    Attributes:
        images_per_second: of the task.
        relative: that, divided by the images per second of the calibration network just before and after.
    """

    images_per_second: float
    relative: float


def timed_rounds(
    tasks: Sequence[Task], count: int, calibration: Calibration, timer: Timer
) -> tuple[list[list[Round]], list[float]]:
    """Go `count` times over `tasks`, in order.

    Neighbours share the calibration between them: c A c B c A c B c.

    Returns:
        The rounds of each task, and the seconds of every calibration.
    """
    rounds: list[list[Round]] = [[] for _ in tasks]
    calibrations = [calibration.seconds()]
    for _ in range(count):
        for own, task in zip(rounds, tasks, strict=True):
            seconds = call_seconds(task.workload, task.batch, timer, task.calls)
            calibrations.append(calibration.seconds())
            images_per_second = task.batch * task.calls / seconds
            beside = (calibrations[-2] + calibrations[-1]) / 2
            own.append(Round(images_per_second, images_per_second * beside / IMAGES))
    return rounds, calibrations
