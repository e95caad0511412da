"""Sample shards: NHWC uint8 images of a fixed index range in one .npz, with the identity of what made them.

The range is in the file's name, so a run of 2N images keeps the shards of the first N. A shard whose key is
another, or whose pixels do not match their digest, is foreign or corrupt and is made again.
"""

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from fewstep.files import atomic_write, sha256_array


@dataclass(frozen=True)
class ShardHeader:
    """What a shard says of itself.

    Attributes:
        key: digest of everything the pixels depend on (weights, code, seed, nfe, settings).
        start: index of the first image; count: number of images.
        sha256: of the pixels.
        nfe: evaluations per image and stage, as counted.
    """

    key: str
    start: int
    count: int
    sha256: str
    nfe: dict[str, float]


def shard_path(folder: Path, start: int) -> Path:
    """Path of the shard whose first image has index `start`."""
    return folder / f"{start:06d}.npz"


def ranges(count: int, size: int) -> list[tuple[int, int]]:
    """(start, count) of every shard of `count` images; only the last may be short."""
    return [(start, min(size, count - start)) for start in range(0, count, size)]


def write_shard(
    path: Path,
    images: np.ndarray,
    labels: np.ndarray | None,
    key: str,
    start: int,
    nfe: dict[str, float],
    **others: np.ndarray,
) -> ShardHeader:
    """Write images uint8 [N, H, W, C], labels int64 [N] or None, and what `others` hold of them; returns the header."""
    header = ShardHeader(key, start, len(images), sha256_array(images), nfe)
    arrays = {"images": images, "header": np.array(json.dumps(asdict(header))), **others}
    if labels is not None:
        arrays["labels"] = labels
    with atomic_write(path) as file:
        np.savez(file, **arrays)
    return header


def read_shard(path: Path) -> tuple[np.ndarray, np.ndarray | None, ShardHeader]:
    """Images, labels (or None) and header; raises ValueError, OSError or BadZipFile for a damaged file."""
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
        header = ShardHeader(**json.loads(str(stored["header"])))
        images = stored["images"]
        labels = stored.get("labels")
    if sha256_array(images) != header.sha256 or len(images) != header.count:
        raise ValueError(f"{path}: the pixels do not match their digest.")
    return images, labels, header


def valid_shard(path: Path, key: str, start: int, count: int) -> ShardHeader | None:
    """The header of a whole shard with this key and range, or None if it has to be made."""
    try:
        _, _, header = read_shard(path)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
    return header if (header.key, header.start, header.count) == (key, start, count) else None
