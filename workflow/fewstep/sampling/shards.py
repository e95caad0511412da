"""Shards: NHWC uint8 images of a range of indices in one .npz, with the identity of what made them.

The range is in the file's name, so that a run of 2N images keeps the shards of the first N. A shard whose key is
another, or whose pixels do not match their digest, is foreign or corrupt and is made again. Whoever reads a cell reads
one shard at a time: all images of one may be more than memory holds.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fewstep.base.errors import FewstepError
from fewstep.base.files import atomic_write, read_json, sha256_array
from fewstep.plan.cells import Cell


@dataclass(frozen=True)
class ShardHeader:
    """What a shard says of itself.

    Attributes:
        key: digest of everything the pixels depend on (weights, code, seed, nfe, settings).
        start: index of the first image; count: number of images.
        sha256: of the pixels.
        nfe: evaluations per image and stage, as counted.
        worst: by how many grey levels the worst edited image misses what is known of it, before and after rounding;
            None where nothing is known.
    """

    key: str
    start: int
    count: int
    sha256: str
    nfe: dict[str, float]
    worst: list[float] | None = None


class Shard(NamedTuple):
    """Images uint8 [n, H, W, C] with their labels int64 [n] (or None) and the index of the first."""

    start: int
    images: np.ndarray
    labels: np.ndarray | None


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
    errors: np.ndarray | None = None,
) -> ShardHeader:
    """Write images uint8 [N, H, W, C] and labels int64 [N] or None; returns the header.

    Args:
        errors: of edited images, see `fewstep.sampling.sampler.Made`.
    """
    worst = None if errors is None or np.isnan(errors).any() else errors.max(axis=0).tolist()
    header = ShardHeader(key, start, len(images), sha256_array(images), nfe, worst)
    arrays = {"images": images, "header": np.array(json.dumps(asdict(header)))}
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


@dataclass(frozen=True)
class Shards:
    """All images of one cell, in the order of their indices, on disk.

    Attributes:
        cell: whose images they are.
        folder: what the paths of shards are relative to.
        facts: of the manifests: key, weights, truth, labels, measured_nfe, stage_nfe, constraint_error.
        shards: path, start, count and sha256 of each shard.
    """

    cell: Cell
    folder: Path
    facts: Mapping[str, Any]
    shards: tuple[Mapping[str, Any], ...]

    def __len__(self) -> int:
        return sum(shard["count"] for shard in self.shards)

    def __iter__(self) -> Iterator[Shard]:
        """One shard after the other, each read when its turn comes.

        Raises:
            FewstepError: a shard is missing, damaged, or not the one that the manifest names.
        """
        return map(self.read, self.shards)

    def read(self, shard: Mapping[str, Any]) -> Shard:
        """One shard; raises as `__iter__`."""
        path = self.folder / shard["path"]
        try:
            images, labels, header = read_shard(path)
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise FewstepError(f"{path}: this shard cannot be read ({error}); sample it again.") from None
        if header.sha256 != shard["sha256"]:
            raise FewstepError(f"{path}: this is not the shard that the manifest names; sample it again.")
        return Shard(shard["start"], images, labels)

    def first(self, count: int) -> np.ndarray:
        """The first images, uint8 [count, H, W, C], or all if there are fewer; the shards after them are not read."""
        found, left = [], count
        for shard in self:
            found.append(shard.images[:left])
            left -= len(found[-1])
            if not left:
                break
        return np.concatenate(found)

    def labels(self) -> np.ndarray | None:
        """The labels of all images, int64 [N], or None."""
        labels = [shard.labels for shard in self]
        return None if labels[0] is None else np.concatenate(labels)

    def require_truth(self, truth: str | None) -> None:
        """Refuse images that do not belong, one to one, to those whose digest is `truth` (None: to none)."""
        if self.facts["truth"] != truth:
            raise FewstepError(
                f"{self.cell.name}: these images do not belong to the held-out images that they are to be compared"
                " with; sample them again."
            )


def read_manifests(paths: Iterable[str | Path]) -> list[Shards]:
    """The cells of manifests, in their order; parts of one cell are joined.

    Raises:
        FewstepError: a manifest is missing or damaged, parts of a cell differ in what made them, or their indices do
            not follow each other from 0.
    """
    joined: dict[Cell, list[tuple[Path, dict]]] = {}
    for path in sorted(map(Path, paths)):
        try:
            for entry in read_json(path)["cells"]:
                joined.setdefault(Cell(*(entry[name] for name in Cell._fields)), []).append((path, entry))
        except (KeyError, TypeError):
            raise FewstepError(f"{path}: this is no manifest of samples; delete it and run again.") from None
    return [_joined(cell, parts) for cell, parts in joined.items()]


def _joined(cell: Cell, parts: list[tuple[Path, dict]]) -> Shards:
    (path, first), *_ = parts
    shards = sorted((shard for _, entry in parts for shard in entry["shards"]), key=lambda shard: shard["start"])
    if len({entry["key"] for _, entry in parts}) > 1:
        raise FewstepError(f"{path}: the parts of {cell.name} were made in different ways; sample them again.")
    if [shard["start"] for shard in shards] != [sum(s["count"] for s in shards[:i]) for i in range(len(shards))]:
        raise FewstepError(f"{path}: images of {cell.name} are missing; sample them again.")
    errors = [entry["constraint_error"] for _, entry in parts if entry["constraint_error"]]
    facts = {name: first[name] for name in ("key", "weights", "truth", "labels", "measured_nfe", "stage_nfe")}
    worst = np.max(errors, axis=0).tolist() if errors else None
    return Shards(cell, path.parent, {**facts, "constraint_error": worst}, tuple(shards))
