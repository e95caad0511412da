"""Timings that are kept: adding an NFE times the new workloads only."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from fewstep.base.errors import FewstepError
from fewstep.base.files import read_json, sha256_json, write_json
from fewstep.speed.lock import exclusive
from fewstep.speed.measure import Measurement, measure
from fewstep.speed.row import speed_row
from fewstep.speed.settings import Settings
from fewstep.speed.workload import Workload


def load_or_measure(
    folder: str | Path,
    workloads: Sequence[Workload],
    settings: Settings,
    hardware: str,
    lock: str | Path,
    measure: Callable[[Sequence[Workload], Settings], list[Measurement]] = measure,
) -> list[dict[str, Any]]:
    """The speed row (see row.speed_row) of each workload: from `folder` where it was measured before, else
    measured now.

    A timing is found again when the workload's key, the settings, the hardware and the version of torch are the
    same. The workloads that are missing are measured together, while the lock file `lock` is held; each is one
    JSON file with its row and every round's values.
    """
    files = [
        Path(folder) / f"{sha256_json(_identity(workload, settings, hardware))[:32]}.json" for workload in workloads
    ]
    with exclusive(lock):
        missing = [i for i, file in enumerate(files) if _read_row(file) is None]
        measured = measure([workloads[i] for i in missing], settings) if missing else []
        for i, measurement in zip(missing, measured, strict=True):
            row = speed_row(measurement, settings, hardware)
            identity = _identity(workloads[i], settings, hardware)
            write_json(files[i], {"identity": identity, "row": row, "measurement": asdict(measurement)})
    return [read_json(file)["row"] for file in files]


def _read_row(file: Path) -> dict[str, Any] | None:
    try:
        return read_json(file)["row"]
    except FewstepError:  # absent, or not what this module wrote: measured again
        return None


def _identity(workload: Workload, settings: Settings, hardware: str) -> dict[str, Any]:
    return {
        "workload": workload.key,
        "settings": asdict(settings),
        "hardware": hardware,
        "torch": torch.__version__,
    }
