"""All real images of a source in one file, all.npz: the reference of samples for which no network is trained here.

Nothing is held out, so there is no split. Images are read and written a block at a time, since a reference of 30,000
images of 512 x 512 pixels has 24 GB.
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from fewstep.base.errors import FewstepError
from fewstep.base.files import atomic_write, write_json
from fewstep.data.checks import check_shape
from fewstep.data.fingerprints import fingerprint_of
from fewstep.data.roles import train_and_test
from fewstep.data.sources import load_source
from fewstep.data.split import image_digests
from fewstep.data.store import card_of
from fewstep.images.sample_files import open_samples

BLOCK = 512  # images that are held
ALL = "all"  # in place of a split's name


class _Whole(NamedTuple):
    """Images in blocks uint8 [n, H, W, C], their number, shape (H, W, C), labels int64 [N] or None, and classes."""

    blocks: Iterator[np.ndarray]
    count: int
    shape: tuple[int, ...]
    labels: np.ndarray | None
    class_names: tuple[str, ...] | None


def prepare_all(spec: Mapping[str, Any], out_dir: str | Path) -> dict[str, Any]:
    """Read all images of a source and write all.npz and card.json to `out_dir`, whose name is the data set's.

    all.npz holds `images` and, where there are some, `labels`, uncompressed; `fewstep.images.sample_files.open_samples`
    reads it in batches. Equal images in an equal order give equal bytes. card.json comes last: where it is, all is.

    Args:
        spec: `source`, `path` and `download`, as in `fewstep.data.load_source`. Training and test images that are given
            apart are put together.

    Returns:
        The card, as `fewstep.data.prepare` gives it; counts, class_counts and fingerprint have the one key `all`.

    Raises:
        FewstepError: the data are absent or broken, or images are not square; the sentence names the file.
    """
    out_dir, whole = Path(out_dir), _read(spec)
    check_shape(whole.shape, f"{spec.get('path') or spec['source']}: all")
    with atomic_write(out_dir / f"{ALL}.npz") as file:
        digests = _write(file, whole)
    sizes = None if whole.labels is None else np.bincount(whole.labels, minlength=len(whole.class_names)).tolist()
    card = card_of(
        out_dir.name,
        spec["source"],
        whole.shape,
        whole.class_names,
        counts={ALL: whole.count},
        class_counts=sizes and {ALL: sizes},
        fingerprints={ALL: fingerprint_of(digests, whole.labels)},
    ) | {"low_resolution": None, "shared": 0}
    write_json(out_dir / "card.json", card)
    return card


def _read(spec: Mapping[str, Any]) -> _Whole:
    if is_one_set(spec):
        found = open_samples(spec["path"])
        blocks = (images for images, _ in found.batches(BLOCK))
        return _Whole(blocks, len(found), found.shape, found.labels, found.class_names)
    parts = list(load_source(spec).values())
    labels = None if parts[0].labels is None else np.concatenate([part.labels for part in parts])
    blocks = (part.images[start : start + BLOCK] for part in parts for start in range(0, len(part), BLOCK))
    return _Whole(blocks, sum(map(len, parts)), parts[0].images.shape[1:], labels, parts[0].class_names)


def is_one_set(spec: Mapping[str, Any]) -> bool:
    """Whether the path of a source is read as a sample set is: training and test images are not given apart."""
    if spec["source"] == "folder":
        path = Path(spec["path"])
        if not path.is_dir():
            raise FewstepError(f"{path}: there is no such folder.")
        return train_and_test([each.name for each in path.iterdir() if each.is_dir()], str(path)) is None
    return spec["source"] in ("npz", "zip") and not Path(spec["path"]).is_dir()


def _write(file: IO[bytes], whole: _Whole) -> list[bytes]:
    """Write images and labels as np.savez does, block by block; returns the digests of the images."""
    digests: list[bytes] = []
    with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        with archive.open(zipfile.ZipInfo("images.npy"), "w", force_zip64=True) as member:
            shape = (whole.count, *whole.shape)
            npy.write_array_header_1_0(member, {"descr": "|u1", "fortran_order": False, "shape": shape})
            for images in whole.blocks:
                member.write(np.ascontiguousarray(images).data)
                digests += image_digests(images)
        if whole.labels is not None:
            with archive.open(zipfile.ZipInfo("labels.npy"), "w", force_zip64=True) as member:
                npy.write_array(member, whole.labels.astype(np.int64), version=(1, 0))
    return digests
