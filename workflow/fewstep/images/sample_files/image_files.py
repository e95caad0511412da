"""Image files in a folder or in a .zip file."""

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath

import numpy as np

from fewstep.base import archive
from fewstep.base.errors import FewstepError
from fewstep.base.stamps import below
from fewstep.images.decode import EXTENSIONS, decode, decode_all
from fewstep.images.sample_files.labels import as_number, labels_of_folders, sub_folders
from fewstep.images.sample_files.sample_set import SampleFiles

MAX_FILE = 256 * 2**20  # bytes of one image file; a bitmap of decode.MAX_PIXELS in colour has 192 MiB

Read = Callable[[int], bytes]  # from the position of a name to the bytes of the file


class _Pictures(SampleFiles):
    """Images by name.

    Args:
        path: of the folder or file.
        names: relative, with slashes; also of files that are no images.
        where: gives what an error calls the file of a name.
        reading: opens the set, and gives a function that reads the file at a position of `names`.
        classes: as in `open_samples`.
    """

    def __init__(
        self,
        path: Path,
        names: Sequence[str],
        where: Callable[[str], str],
        reading: Callable[[], AbstractContextManager[Read]],
        classes: Sequence[str] | None,
    ) -> None:
        self.path, self._where, self._reading = path, where, reading
        self._places = sorted((i for i, name in enumerate(names) if _is_image(name)), key=lambda i: _natural(names[i]))
        if not self._places:
            raise FewstepError(f"{path}: there are no images here (known: {' '.join(EXTENSIONS)}).")
        if passed := Counter(PurePosixPath(name).suffix or "no extension" for name in names if not _is_image(name)):
            print(f"{path}: {passed.total()} files passed over: {', '.join(sorted(passed))}.")
        self._names = [names[i] for i in self._places]
        self.labels, self.class_names = labels_of_folders(sub_folders(self._names, where), classes, path)
        with reading() as read:
            self.shape = decode(read(self._places[0]), where(self._names[0])).shape

    def __len__(self) -> int:
        return len(self._names)

    def _blocks(self, size: int) -> Iterator[np.ndarray]:
        first = self._where(self._names[0]), self.shape
        with self._reading() as read:
            for start in range(0, len(self), size):
                part = range(start, min(start + size, len(self)))
                items = ((self._where(self._names[i]), read(self._places[i])) for i in part)
                yield decode_all(items, len(part), first)


def folder_of_pictures(path: Path, classes: Sequence[str] | None) -> SampleFiles:
    """The images below a folder; see `fewstep.images.sample_files.open_samples`."""
    names = list(below(path, ("",), strict=True))

    @contextmanager
    def reading() -> Iterator[Read]:
        yield lambda place: _bytes(path / names[place])

    return _Pictures(path, names, lambda name: str(path / name), reading, classes)


def zip_of_pictures(path: Path, classes: Sequence[str] | None) -> SampleFiles:
    """The images in a .zip file; see `fewstep.images.sample_files.open_samples`."""
    try:
        with zipfile.ZipFile(path) as whole:
            members = [each for each in whole.infolist() if not each.is_dir() and not _is_hidden(each.filename)]
    except archive.BROKEN as error:
        raise FewstepError(f"{path}: this is not a .zip file ({error}).") from None

    @contextmanager
    def reading() -> Iterator[Read]:
        with zipfile.ZipFile(path) as whole:
            yield lambda place: _unpacked(whole, members[place], f"{path}: {members[place].filename}")

    return _Pictures(path, [each.filename for each in members], lambda name: f"{path}: {name}", reading, classes)


def _is_image(name: str) -> bool:
    return name.lower().endswith(EXTENSIONS)


def _is_hidden(name: str) -> bool:
    """Hidden files, and what macOS adds beside each file."""
    parts = name.split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") and part not in (".", "..") for part in parts)


def _natural(name: str) -> list[list[str | tuple[int, str]]]:
    """Sorts 9.png before 10.png, and folder 9 before folder 10."""
    parted = [re.split(r"(\d+)", component) for component in name.split("/")]
    return [[as_number(part) if i % 2 else part for i, part in enumerate(parts)] for parts in parted]


def _bytes(path: Path) -> bytes:
    if not path.is_file():  # a pipe or a device would be read for ever
        raise FewstepError(f"{path}: this is no ordinary file, or a link that leads nowhere.")
    if (size := path.stat().st_size) > MAX_FILE:
        raise FewstepError(f"{path}: {size} bytes are too many for one image.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise FewstepError(f"{path}: this file cannot be read ({error.strerror}).") from None


def _unpacked(whole: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> bytes:
    archive.check_size(member, where, MAX_FILE)
    try:
        return whole.read(member)
    except archive.BROKEN as error:
        raise FewstepError(f"{where} cannot be read ({error}).") from None
