"""Features of images on disk: one pass per (shard, extractor), kept as long as neither changes."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from fewstep.base.files import atomic_write, sha256_json
from fewstep.sampling.shards import Shards, shard_path
from fewstep.scoring.extractors.extractor import Extractor
from fewstep.scoring.metrics.pixel_statistics import pixel_statistics


class Features(NamedTuple):
    """What is kept of N images: the extractor's features [N, D] and logits [N, K], `pixel_statistics` [N, 2], and the
    labels, int64 [N], where the images have some.
    """

    features: np.ndarray
    logits: np.ndarray
    pixels: np.ndarray
    labels: np.ndarray | None = None


def describe(
    extractor: Extractor, images: np.ndarray, labels: np.ndarray | None = None, progress: bool = True
) -> Features:
    """One pass over images uint8 [N, H, W, C] with labels int64 [N] or None."""
    return Features(*extractor.features(images, progress=progress), pixel_statistics(images), labels)


def features_of(shards: Shards, folder: Path, extractor: Extractor, code: str) -> Features:
    """Features of a cell, from disk where shard, extractor and code are those that they were made of.

    Args:
        folder: where features are kept, one file for each shard.
        code: digest of the code that extracts features.
    """
    parts = []
    for shard in tqdm(shards.shards, desc=f"features of {shards.cell.name}", unit="shard", mininterval=2):
        path = shard_path(folder / shards.cell.folder, shard["start"])
        # The key of the cell holds what its labels depend on.
        key = sha256_json([shards.facts["key"], shard["sha256"], extractor.identity, code])
        parts.append(kept(path, key, lambda shard=shard: describe(extractor, *shards.read(shard)[1:], progress=False)))
    return joined(parts)


def kept(path: Path, key: str, make: Callable[[], Features]) -> Features:
    """The features in a file whose key is this one, or else those that `make` gives, written there."""
    if (found := _read(path, key)) is None:
        found = make()
        _write(path, found, key)
    return found


def joined(parts: list[Features]) -> Features:
    """Features of consecutive images as those of all."""
    columns = zip(*parts, strict=True)
    return Features(*(None if any(part is None for part in column) else np.concatenate(column) for column in columns))


def _write(path: Path, features: Features, key: str) -> None:
    arrays = {name: array for name, array in features._asdict().items() if array is not None}
    with atomic_write(path) as file:
        np.savez(file, **arrays, key=np.array(json.dumps(key)))


def _read(path: Path, key: str) -> Features | None:
    """Features with this key; None of a file that is absent, damaged or of another key."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            if json.loads(str(stored["key"])) != key:
                return None
            return Features(**{name: stored[name] for name in Features._fields if name != "labels" or name in stored})
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
