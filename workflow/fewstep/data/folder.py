"""A folder of images; sub-folders are classes.

    root/train/cat/1.png  root/test/cat/2.png    given split, labels
    root/cat/1.png  root/dog/2.png               labels, split by pixel hash
    root/1.png  root/2.png                       no labels, split by pixel hash (also inside train/ and test/)

Labels number the class folders in alphabetical order (as numbers, where all names are numbers). Images are
in the order of their names; hidden files and files without an image's extension are passed over.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.data.decode import EXTENSIONS, decode_all
from fewstep.data.split import Split, hash_split
from fewstep.errors import FewstepError


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """The images of the folder `path`.

    Raises:
        FewstepError: no folder, no images, images beside class folders, classes that differ between train
            and test, or an image that `decode` refuses.
    """
    root = Path(spec["path"])
    if not root.is_dir():
        raise FewstepError(f"{root}: there is no such folder.")
    names = {folder.name for folder in _folders(root)}
    if names in ({"train"}, {"test"}):
        raise FewstepError(f"{root}: there is a folder {names.pop()}, but not both train and test.")
    if {"train", "test"} <= names:
        return _load_train_and_test(root)
    return hash_split(_read(root, class_names(root)), str(root))


def has_labels(root: Path) -> bool:
    """Whether the folder (or its train folder) has class folders."""
    train = root / "train"
    return bool(class_names(train if train.is_dir() and (root / "test").is_dir() else root))


def class_names(root: Path) -> list[str]:
    """The class folders of `root` in the order of their labels; empty where there are none."""
    names = [folder.name for folder in _folders(root)]
    return sorted(names, key=int) if all(name.isdecimal() for name in names) else names


def _load_train_and_test(root: Path) -> dict[str, Split]:
    classes = {name: class_names(root / name) for name in ("train", "test")}
    if odd := set(classes["train"]) ^ set(classes["test"]):
        raise FewstepError(f"{root}: class folder {min(odd)} is in one of train and test, but not in the other.")
    return {name: _read(root / name, classes[name]) for name in ("train", "test")}


def _read(root: Path, classes: list[str]) -> Split:
    loose = _images(root)
    if not classes:
        return _decode(root, loose, None)
    if loose:
        raise FewstepError(f"{loose[0]}: this image lies beside class folders, so it has no label.")
    paths, labels = [], []
    for label, name in enumerate(classes):
        if deeper := _folders(root / name):
            raise FewstepError(f"{deeper[0]}: a class folder holds images, not folders.")
        found = _images(root / name)
        paths += found
        labels += [label] * len(found)
    return _decode(root, paths, np.array(labels, np.int64))


def _decode(root: Path, paths: list[Path], labels: np.ndarray | None) -> Split:
    if not paths:
        raise FewstepError(f"{root}: there are no images here (known: {' '.join(EXTENSIONS)}).")
    return Split(decode_all(((str(path), path.read_bytes()) for path in paths), len(paths)), labels)


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def _images(root: Path) -> list[Path]:
    return sorted(
        path
        for path in root.iterdir()
        if path.suffix.lower() in EXTENSIONS and path.is_file() and not path.name.startswith(".")
    )
