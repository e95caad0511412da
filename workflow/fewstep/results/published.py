"""Scores that papers report, from reports/published.csv: each with its source, never mixed with measured ones."""

import csv
from typing import NamedTuple

from fewstep.base.folders import ROOT

FILE = ROOT / "reports" / "published.csv"


class Published(NamedTuple):
    """One score.

    Attributes:
        method: the folder in methods/ that it belongs beside; `data` for real images.
        model: what the paper scored.
        data, network: what it was trained on, and the network that scored it.
        metric, value: as in the results, unscaled.
        source: paper and table.
    """

    method: str
    model: str
    data: str
    network: str
    metric: str
    value: float
    source: str


def published(metric: str) -> list[Published]:
    """All scores of a metric, the highest first."""
    with FILE.open(newline="", encoding="utf-8") as file:
        rows = [Published(**row | {"value": float(row["value"])}) for row in csv.DictReader(file)]
    return sorted((row for row in rows if row.metric == metric), key=lambda row: -row.value)
