"""CIFAR-10 (50,000 + 10,000 RGB images of 32 x 32 pixels) as torchvision keeps it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.base.errors import FewstepError
from fewstep.data.split import Split


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """CIFAR-10's own train and test sets, from `path` (torchvision's root; null: ~/.cache/fewstep).

    The batches are pickles, so they are read only after torchvision has found their published MD5 sums
    right. They are fetched (170 MB) only when `download` is true; an archive that already lies in the folder
    is unpacked.

    Raises:
        FewstepError: absent and not to be downloaded, or the download failed.
    """
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import check_integrity

    root = Path(spec.get("path") or _cache_folder())
    has_archive = check_integrity(root / CIFAR10.filename, CIFAR10.tgz_md5)
    if spec.get("download") or has_archive:
        _fetch(CIFAR10, root)
    try:
        return {name: _as_split(CIFAR10(root, train=name == "train")) for name in ("train", "test")}
    except RuntimeError:
        raise FewstepError(
            f"{root}: CIFAR-10 is absent or damaged; put {CIFAR10.filename} there or set download: true."
        ) from None


def files(path: Path | None) -> dict[str, str]:
    """None: torchvision knows the MD5 sum of each file, so that the images are always the same."""
    return {}


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fewstep"


def _fetch(cifar10: Any, root: Path) -> None:
    try:
        cifar10(root, download=True)
    except (OSError, RuntimeError) as error:  # URLError is an OSError; a wrong checksum is a RuntimeError
        raise FewstepError(f"{root}: CIFAR-10 could not be downloaded ({error}).") from None


def _as_split(data: Any) -> Split:
    return Split(np.ascontiguousarray(data.data), np.asarray(data.targets, np.int64), tuple(data.classes))
