"""Samples that someone else made, as shards: what comes after does not know that no method made them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fewstep.base.errors import FewstepError
from fewstep.base.files import sha256_json
from fewstep.images.sample_files import open_samples, require_alike
from fewstep.plan.cells import Cell
from fewstep.plan.limits import SCORED
from fewstep.sampling.shards import ranges, shard_path, valid_shard, write_shard


def import_cell(
    cell: Cell, path: str | Path, stamp: str, card: Mapping[str, Any], folder: Path, shard_size: int
) -> dict[str, Any]:
    """Write the images of a sample set as shards, unless they are there; returns an entry of the manifest.

    Args:
        path: of the sample set (fewstep.images.sample_files); stamp: digest of its files.
        card: of the data set that the samples are compared with (card.json).
        folder: of the shards.

    Raises:
        FewstepError: as `open_samples`; or the images have another shape than the real ones, or are too few to score.
    """
    samples = open_samples(path, card["class_names"] or ())
    side = card["resolution"]
    require_alike(samples, (side, side, card["channels"]), f"the data set {card['name']}")
    if len(samples) < SCORED:
        raise FewstepError(f"{path}: {len(samples)} samples are too few; {SCORED} are the least.")
    key = sha256_json([stamp, card["class_names"]])
    parts = [(shard_path(cell.folder, start), start, size) for start, size in ranges(len(samples), shard_size)]
    headers = [valid_shard(folder / name, key, start, size) for name, start, size in parts]
    if None in headers:
        made = zip(parts, samples.batches(shard_size), strict=True)
        headers = [write_shard(folder / name, *batch, key, start, {}) for (name, start, _), batch in made]
    return {
        **cell._asdict(),
        "start": 0,
        "count": len(samples),
        "key": key,
        "weights": None,
        "truth": None,
        "labels": None,
        "measured_nfe": None,  # `nfe` is what the maker of the samples declares, 0 where nothing is known
        "stage_nfe": {},
        "constraint_error": None,
        "seconds": None,
        "shards": [
            {"path": str(name), "start": start, "count": size, "sha256": header.sha256}
            for (name, start, size), header in zip(parts, headers, strict=True)
        ],
    }
