"""Cells on disk as the rule `sample` leaves them, for the tests of what reads them."""

from pathlib import Path
from typing import Any

import numpy as np

from fewstep.base.files import write_json
from fewstep.plan.cells import Cell
from fewstep.sampling.shards import Shards, ranges, read_manifests, shard_path, write_shard

FACTS = {
    "key": "key", "weights": "w" * 64, "truth": None, "labels": None, "measured_nfe": 1.0, "stage_nfe": {"model": 1.0},
    "constraint_error": None,
}  # fmt: skip


def write_part(
    folder: Path,
    cell: Cell,
    images: np.ndarray,
    labels: np.ndarray | None = None,
    start: int = 0,
    size: int = 5,
    **facts: Any,
) -> dict[str, Any]:
    """Shards of `size` images below a folder, and the entry of their manifest.

    Args:
        images: uint8 [N, H, W, C], the first of index `start`; labels: int64 [N].
        facts: in place of some of FACTS.
    """
    facts, shards = FACTS | facts, []
    for first, count in ranges(len(images), size):
        path, rows = shard_path(cell.folder, start + first), slice(first, first + count)
        own = None if labels is None else labels[rows]
        header = write_shard(folder / path, images[rows], own, facts["key"], start + first, facts["stage_nfe"])
        shards.append({"path": str(path), "start": start + first, "count": count, "sha256": header.sha256})
    return {**cell._asdict(), "start": start, "count": len(images), **facts, "shards": shards}


def write_manifest(folder: Path, *entries: dict[str, Any], part: str = "000000") -> Path:
    """The manifest of a part, beside the folders of its shards."""
    path = folder / f"{part}.json"
    write_json(path, {"cells": list(entries)})
    return path


def on_disk(folder: Path, cell: Cell, images: np.ndarray, labels: np.ndarray | None = None, **options: Any) -> Shards:
    """The one cell of a manifest; `options` are those of `write_part`."""
    return read_manifests([write_manifest(folder, write_part(folder, cell, images, labels, **options))])[0]
