"""Labels of sample sets: names of sub-folders or numbers in an array, brought to 0..K-1."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from fewstep.base.errors import FewstepError

Labels = tuple[np.ndarray | None, tuple[str, ...] | None]  # int64 [N] and the names of the classes, or neither


def as_number(digits: str) -> tuple[int, str]:
    """Sorts decimal digits by their number, however many there are."""
    digits = digits.lstrip("0")
    return len(digits), digits


def in_order(names: Iterable[str]) -> list[str]:
    """Names of classes in the order of their labels: alphabetical, or as numbers where all are numbers."""
    names = sorted(set(names))
    return sorted(names, key=as_number) if all(name.isdecimal() for name in names) else names


def sub_folders(names: Sequence[str], where: Callable[[str], str]) -> list[str] | None:
    """The sub-folder that each file lies in, by relative name; None where they lie in one.

    Raises:
        FewstepError: a file lies beside sub-folders; `where` gives what the sentence calls it.
    """
    folders = [[part for part in name.split("/")[:-1] if part not in ("", ".", "..")] for name in names]
    while all(folders) and len({parts[0] for parts in folders}) == 1:
        folders = [parts[1:] for parts in folders]
    if not any(folders):
        return None
    if not all(folders):
        loose = names[folders.index([])]
        raise FewstepError(f"{where(loose)}: this image lies beside class folders, so it has no label.")
    return [parts[0] for parts in folders]


def labels_of_folders(folders: Sequence[str] | None, classes: Sequence[str] | None, path: Path) -> Labels:
    """Labels by names of folders.

    Where none of them is a class of the real images, the folders only part the files, and there are no labels.

    Args:
        folders: of each image; None: there are none.
        classes: names of the classes of the real images; None: the folders are the classes.
        path: begins the sentence of an error.

    Raises:
        FewstepError: some folders are classes of the real images, and others are not.
    """
    if folders is None or (classes is not None and not classes):
        return None, None
    given = in_order(folders)
    number = {name: label for label, name in enumerate(given if classes is None else classes)}
    odd = [name for name in given if name not in number]
    if len(odd) == len(given):
        print(f"{path}: sub-folders such as {given[0]} are no classes of the real images, so there are no labels.")
        return None, None
    if odd:
        raise FewstepError(f"{path}: {odd[0]} is none of the classes of the real images ({_listed(list(number))}).")
    return np.array([number[name] for name in folders], np.int64), tuple(number)


def labels_of_numbers(given: np.ndarray, classes: Sequence[str] | None, where: str) -> Labels:
    """Labels by numbers [N] that are the names of the classes of the real images, or else their positions 0..K-1.

    Raises:
        FewstepError: a number below 0, or one that is neither; the sentence begins with `where`.
    """
    if given.min() < 0:
        raise FewstepError(f"{where} holds {given.min()}; labels are 0 or more (leave out images that have none).")
    if classes is not None and not classes:
        return None, None
    found, places = np.unique(given, return_inverse=True)
    names = [str(label) for label in found]
    number = {name: label for label, name in enumerate(names if classes is None else classes)}
    if all(name in number for name in names):
        return np.array([number[name] for name in names], np.int64)[places], tuple(number)
    if found[-1] < len(number):
        return given.astype(np.int64), tuple(number)
    raise FewstepError(f"{where} holds {found[-1]}, which is no class of the real images ({_listed(list(number))}).")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
