"""The prepared data set: train.npz, test.npz and card.json in one folder."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.base import archive
from fewstep.base.errors import FewstepError
from fewstep.base.files import atomic_write, read_json, write_json
from fewstep.data.checks import shared_images
from fewstep.data.classes import counts as class_sizes
from fewstep.data.fingerprints import split_fingerprint
from fewstep.data.npz import read_file
from fewstep.data.sources import load_source
from fewstep.data.split import Split, dealt

CARD_KEYS = {
    "name", "source", "resolution", "low_resolution", "channels", "classes", "class_names", "class_counts", "counts",
    "shared", "fingerprint",
}  # fmt: skip


def prepare(spec: Mapping[str, Any], out_dir: str | Path) -> dict[str, Any]:
    """Read a source and write train.npz, test.npz and card.json to `out_dir`, whose name is the data set's.

    The .npz files are not compressed, and equal data give equal bytes. card.json comes last: where it is,
    all is.

    Returns:
        The card: name, source, resolution and low_resolution (pixels, or null), channels, classes (number, or null
        without labels), class_names (by label, or null), class_counts (images of each class, by split, or null), counts
        and fingerprint (each by split), and shared (test images that are training images as well).

    Raises:
        FewstepError: as `load_source`; all test images are training images; or the side to start from
            (`low_resolution` of the spec) is not smaller.
    """
    out_dir = Path(out_dir)
    splits = load_source(spec)
    shared = shared_images(splits, str(spec.get("path") or spec["source"]))
    side, resolution = spec.get("low_resolution"), splits["train"].images.shape[1]
    if side is not None and side >= resolution:
        raise FewstepError(
            f"datasets.{out_dir.name}.low_resolution: {side} is not smaller than the images' {resolution} pixels."
        )
    if side is not None:
        # Samples belong to test images in their order: the first ones must not all be of one class or photograph.
        splits["test"] = dealt(splits["test"])
    for name, split in splits.items():
        arrays = {"images": split.images} | ({} if split.labels is None else {"labels": split.labels})
        with atomic_write(out_dir / f"{name}.npz") as file:
            np.savez(file, **arrays)
    train, names = splits["train"], splits["train"].class_names
    card = card_of(
        out_dir.name,
        spec["source"],
        train.images.shape[1:],
        names,
        counts={key: len(split) for key, split in splits.items()},
        class_counts=names and {key: class_sizes(split, len(names)) for key, split in splits.items()},
        fingerprints={key: split_fingerprint(split) for key, split in splits.items()},
    ) | {"low_resolution": side, "shared": shared}
    write_json(out_dir / "card.json", card)
    return card


def card_of(
    name: str,
    source: str,
    shape: Sequence[int],
    class_names: Sequence[str] | None,
    counts: Mapping[str, int],
    class_counts: Mapping[str, Sequence[int]] | None,
    fingerprints: Mapping[str, str],
) -> dict[str, Any]:
    """What card.json says of images of one shape [H, W, C]; the last three arguments go by the name of the split."""
    return {
        "name": name,
        "source": source,
        "resolution": shape[0],
        "channels": shape[2],
        "classes": None if class_names is None else len(class_names),
        "class_names": None if class_names is None else list(class_names),
        "class_counts": class_counts,
        "counts": counts,
        "fingerprint": fingerprints,
    }


def read_split(path: str | Path) -> Split:
    """Read train.npz or test.npz; a missing or damaged file is a FewstepError that names it."""
    return read_file(Path(path))


def blocks(path: str | Path, size: int = 512) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Images uint8 [n, H, W, C] of a prepared file and their labels [n] or None, `size` at a time.

    Raises:
        FewstepError: the file is missing or damaged; the sentence names it.
    """
    path, start = Path(path), 0
    labels = archive.read_arrays(path, ["labels"])["labels"] if "labels" in archive.array_names(path) else None
    for images in archive.array_rows(path, "images", size):
        yield images, None if labels is None else labels[start : start + len(images)]
        start += len(images)


def read_card(path: str | Path) -> dict[str, Any]:
    """Read card.json; a missing or incomplete one is a FewstepError that names it."""
    card = read_json(path)
    if not isinstance(card, dict) or not card.keys() >= CARD_KEYS:
        raise FewstepError(f"{path}: this is not the card of a prepared data set.")
    return card
