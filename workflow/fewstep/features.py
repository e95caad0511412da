"""Features of sample sets on disk: one pass per (samples, extractor), kept as long as neither changes."""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fewstep.errors import FewstepError
from fewstep.extractors.base import Extractor
from fewstep.files import atomic_write, read_json, sha256_json
from fewstep.metrics.pixel_statistics import pixel_statistics
from fewstep.shards import read_shard


class Features(NamedTuple):
    """What is kept of N images: the extractor's features [N, D] and logits [N, K], `pixel_statistics` [N, 2], and the
    labels, int64 [N], where the images have some.
    """

    features: np.ndarray
    logits: np.ndarray
    pixels: np.ndarray
    labels: np.ndarray | None = None


def describe(extractor: Extractor, images: np.ndarray, labels: np.ndarray | None = None) -> Features:
    """One pass over images uint8 [N, H, W, C] with labels int64 [N] or None."""
    return Features(*extractor.features(images), pixel_statistics(images), labels)


def cell_path(folder: Path, cell: Mapping[str, Any]) -> Path:
    """Features of one cell (an entry of a sample manifest), beside those of its other seeds."""
    return folder / cell["variant"] / f"nfe{cell['nfe']:04d}" / f"seed{cell['seed']}.npz"


def extract_cell(samples: Path, folder: Path, cell: Mapping[str, Any], extractor: Extractor, code: str) -> Path:
    """Features of a cell's shards, from disk where shards, extractor and code are those that they were made of.

    Args:
        samples: folder that the shards' paths are relative to.
        folder: where the features go.
        cell: entry of the sample manifest.
        code: digest of the code that extracts features.
    """
    path = cell_path(folder, cell)
    # The key of the cell holds what its labels depend on.
    key = sha256_json([cell["key"], [shard["sha256"] for shard in cell["shards"]], extractor.identity, code])
    if _key(path) != key:
        write_features(path, describe(extractor, *read_cell(samples, cell)), key)
    return path


def read_images(samples: Path, cell: Mapping[str, Any]) -> np.ndarray:
    """All images of a cell, uint8 [N, H, W, C], in the order of their indices; raises as `read_cell`."""
    return read_cell(samples, cell)[0]


def read_cell(samples: Path, cell: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray | None]:
    """All images of a cell, uint8 [N, H, W, C], and their labels [N] or None, in the order of their indices.

    Raises:
        FewstepError: a shard is missing, damaged, or not the one that the manifest names.
    """
    images, labels = [], []
    for shard in cell["shards"]:
        path = samples / shard["path"]
        try:
            pixels, of_shard, header = read_shard(path)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise FewstepError(f"{path}: this shard cannot be read ({error}); sample it again.") from None
        if header.sha256 != shard["sha256"]:
            raise FewstepError(f"{path}: this is not the shard that the manifest names; sample it again.")
        images.append(pixels)
        labels += [] if of_shard is None else [of_shard]
    return np.concatenate(images), np.concatenate(labels) if labels else None


def read_cells(
    manifest: Path, cells: Iterable[Sequence], seeds: Sequence[int], truth: str | None = None
) -> Iterator[tuple[tuple[str, int], dict[int, np.ndarray]]]:
    """Images of some (variant, nfe) of a sample manifest, by seed; `truth` as in `check_pairing`."""
    known = {(entry["variant"], entry["nfe"], entry["seed"]): entry for entry in read_json(manifest)["cells"]}
    for variant, nfe in cells:
        entries = {seed: known[variant, nfe, seed] for seed in seeds}
        for entry in entries.values():
            check_pairing(entry, truth)
        yield (variant, nfe), {seed: read_images(manifest.with_suffix(""), each) for seed, each in entries.items()}


def check_pairing(cell: Mapping[str, Any], truth: str | None) -> None:
    """Refuse samples of which image i does not belong to image i of those whose digest is `truth` (None: to none)."""
    starts = [shard["start"] for shard in cell["shards"]]
    ends = [shard["start"] + shard["count"] for shard in cell["shards"]]
    if cell["truth"] != truth or starts != [0, *ends[:-1]]:
        raise FewstepError(
            f"{cell['variant']} at NFE {cell['nfe']}, seed {cell['seed']}: these samples do not belong to the held-out "
            "images that they are to be compared with; sample them again."
        )


def write_features(path: Path, features: Features, key: str) -> None:
    """Write features, float32, with the key of what they were made of."""
    arrays = {name: array for name, array in features._asdict().items() if array is not None}
    with atomic_write(path) as file:
        np.savez(file, **arrays, key=np.array(json.dumps(key)))


def read_features(path: Path) -> Features:
    """Read features; FewstepError if the file is missing or damaged."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            return Features(**{name: stored[name] for name in Features._fields if name != "labels" or name in stored})
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise FewstepError(f"{path}: these features cannot be read ({error}).") from None


def _key(path: Path) -> str | None:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            return json.loads(str(stored["key"]))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
