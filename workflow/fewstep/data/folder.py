"""A folder of images; sub-folders are classes.

    root/train/cat/1.png  root/test/cat/2.png    given split, labels
    root/cat/1.png  root/dog/2.png               labels, split by pixel hash
    root/1.png  root/2.png                       no labels, split by pixel hash (also inside train/ and test/)

Labels number the class folders in alphabetical order (as numbers, where all names are numbers). Images are
in the order of their names. Hidden files are passed over, and so are files without an image's extension, which the log
counts.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.base.errors import FewstepError
from fewstep.base.stamps import below
from fewstep.data.roles import ROLES, TEST, TRAIN, tell_choice, train_and_test
from fewstep.data.split import Split, hash_split
from fewstep.images.decode import EXTENSIONS, decode, decode_all
from fewstep.images.sample_files.labels import in_order


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """The images of the folder `path`.

    Raises:
        FewstepError: no folder, no images, images beside class folders, a class folder without images, a link that
            leads nowhere, or an image that `decode` refuses.
    """
    root = Path(spec["path"])
    if not root.is_dir():
        raise FewstepError(f"{root}: there is no such folder.")
    names = class_names(root)
    if chosen := train_and_test(names, str(root)):
        tell_choice([path.name for path in _visible(root)], chosen, str(root))
        return _load_train_and_test(root, chosen)
    if names and all(name.lower() in ROLES for name in names):
        raise FewstepError(f"{root}: there is a folder {names[0]}, but not both {TRAIN} and {TEST}.")
    return hash_split(_read(root, names), str(root))


def has_labels(root: Path) -> bool:
    """Whether the folder (or its train folder) has class folders."""
    chosen = train_and_test(class_names(root), str(root))
    return bool(class_names(root / chosen[TRAIN] if chosen else root))


def first_shape(root: Path) -> tuple[int, int, int]:
    """Height, width and channels of the first image, which alone is read."""
    chosen = train_and_test(class_names(root), str(root))
    folder = root / chosen[TRAIN] if chosen else root
    names = class_names(folder)
    folder = folder / names[0] if names else folder
    images = (path for path in _visible(folder) if path.suffix.lower() in EXTENSIONS and path.is_file())
    if (path := next(images, None)) is None:
        raise _no_images(folder)
    height, width, channels = decode(_bytes(path), str(path)).shape
    return height, width, channels


def files(root: Path) -> dict[str, str]:
    """What is read, by name below the folder."""
    return below(root, EXTENSIONS)


def class_names(*roots: Path) -> list[str]:
    """The class folders of one or several folders in the order of their labels; empty where there are none."""
    return in_order(path.name for root in roots for path in _visible(root) if path.is_dir())


def _load_train_and_test(root: Path, chosen: Mapping[str, str]) -> dict[str, Split]:
    folders = {role: root / name for role, name in chosen.items()}
    classes = class_names(*folders.values())
    if odd := [folder for folder in folders.values() if classes and not class_names(folder)]:
        raise FewstepError(f"{odd[0]}: there are no class folders here, but beside it there are.")
    return {role: _read(folder, classes) for role, folder in folders.items()}


def _read(root: Path, classes: list[str]) -> Split:
    """The images of those class folders that `root` has, or those of `root` itself without classes."""
    passed = Counter[str]()
    loose = _images(root, passed)
    if classes and loose:
        raise FewstepError(f"{loose[0]}: this image lies beside class folders, so it has no label.")
    members = {
        label: _class_images(root / name, passed) for label, name in enumerate(classes) if (root / name).is_dir()
    }
    if passed:
        print(f"{root}: {passed.total()} files passed over: {', '.join(sorted(passed))}.")
    if not classes:
        return _decode(root, loose)
    labels = np.repeat(np.array(list(members), np.int64), [len(found) for found in members.values()])
    return _decode(root, [path for found in members.values() for path in found], labels, tuple(classes))


def _class_images(folder: Path, passed: Counter[str]) -> list[Path]:
    if deeper := class_names(folder):
        raise FewstepError(f"{folder / deeper[0]}: a class folder holds images, not folders.")
    if not (found := _images(folder, passed)):
        raise FewstepError(f"{folder}: this class folder holds no images (known: {' '.join(EXTENSIONS)}); remove it.")
    return found


def _decode(
    root: Path, paths: list[Path], labels: np.ndarray | None = None, classes: tuple[str, ...] | None = None
) -> Split:
    if not paths:
        raise _no_images(root)
    return Split(decode_all(((str(path), _bytes(path)) for path in paths), len(paths)), labels, classes)


def _no_images(folder: Path) -> FewstepError:
    return FewstepError(f"{folder}: there are no images here (known: {' '.join(EXTENSIONS)}).")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FewstepError(f"{path}: this file cannot be read ({error.strerror}).") from None


def _visible(root: Path) -> Iterator[Path]:
    try:
        return (path for path in sorted(root.iterdir()) if not path.name.startswith("."))
    except OSError as error:
        raise FewstepError(f"{root}: this folder cannot be read ({error.strerror}).") from None


def _images(root: Path, passed: Counter[str]) -> list[Path]:
    """Files with an image's extension; the extensions of other files are counted in `passed`."""
    found = []
    for path in _visible(root):
        if not path.exists():
            raise FewstepError(f"{path}: this link leads nowhere.")
        if path.is_file() and path.suffix.lower() in EXTENSIONS:
            found.append(path)
        elif not path.is_dir():
            passed[path.suffix or "no extension"] += 1
    return found
