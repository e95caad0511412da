"""Zip archives and .npz files that others made: what is inside is checked before any of it is unpacked."""

import lzma
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from fewstep.base.errors import FewstepError

MAX_BYTES = 32 * 2**30  # of one array that is held whole, unpacked; ImageNet 64x64 has 16 GB
MAX_STREAMED = 256 * 2**30  # of one array that is read in blocks; 50,000 images of 1024 x 1024 have 157 GB
MAX_RATIO = 100  # unpacked to packed; photographs and digits stay below 20, sparse masks and bombs reach 1000
SMALL_BYTES = 2**30  # below this no ratio is a danger

_LABEL_WORDS = ("label", "class", "target", "categor")
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}

BROKEN = (  # what reading a damaged archive raises, or one that is encrypted or packed in an unknown way
    OSError, ValueError, EOFError, KeyError, SyntaxError, MemoryError, RuntimeError, NotImplementedError,
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, tokenize.TokenError,
)  # fmt: skip


def array_names(path: Path) -> list[str]:
    """Names of the arrays in an .npz file, without reading them.

    Raises:
        FewstepError: no such file, or not an .npz file.
    """
    return list(_members(path))


def read_arrays(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Some arrays of an .npz file, by name; the others are not looked at.

    Raises:
        FewstepError: as `array_names`, or one of these arrays is damaged, holds Python objects (pickles), or would
            unpack to more than the memory may hold; the sentence names it.
    """
    members, arrays = _members(path), {}
    for name in names:
        check_size(members[name], f"{path}: {name}", MAX_BYTES)
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays[name] = archive[name]
        except BROKEN as error:
            raise FewstepError(f"{path}: {name} cannot be read ({error}).") from None
        if not isinstance(arrays[name], np.ndarray):  # np.load hands out other members as bytes
            raise FewstepError(f"{path}: {name} is not an array.")
    return arrays


def array_shape(path: Path, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of one array of an .npz file; its values are not read. Raises as `array_rows`."""
    with _opened(path, name) as (_, shape, dtype):
        return shape, dtype


def array_rows(path: Path, name: str, size: int) -> Iterator[np.ndarray]:
    """One array of an .npz file as blocks of `size` rows, of which one is held; only the last may be short.

    Raises:
        FewstepError: as `read_arrays`, or the array lies in Fortran order, of which no row can be read alone.
    """
    with _opened(path, name) as (file, shape, dtype):
        for start in range(0, shape[0], size):
            rows = np.empty((min(size, shape[0] - start), *shape[1:]), dtype)
            if file.readinto(rows.reshape(-1).view(np.uint8)) != rows.nbytes:
                raise EOFError(f"the data end before row {start + len(rows)}")
            yield rows


@contextmanager
def _opened(path: Path, name: str) -> Iterator[tuple[IO[bytes], tuple[int, ...], np.dtype]]:
    """One array, read up to its values: the open file, shape and type."""
    where, member = f"{path}: {name}", _members(path)[name]
    check_size(member, where, MAX_STREAMED)
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            yield file, *_header(file, member.file_size, where)
    except BROKEN as error:
        raise FewstepError(f"{where} cannot be read ({error}).") from None


def _header(file: IO[bytes], size: int, where: str) -> tuple[tuple[int, ...], np.dtype]:
    version = npy.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f"format {version} is unknown")
    shape, is_fortran, dtype = _HEADERS[version](file)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are never unpickled")
    if is_fortran:
        raise FewstepError(f"{where} lies in Fortran order; save np.ascontiguousarray of it.")
    if file.tell() + math.prod(shape) * dtype.itemsize != size:
        raise ValueError(f"an array {list(shape)} of {dtype} does not have {size} bytes")
    return shape, dtype


def _members(path: Path) -> dict[str, zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such file.") from None
    except BROKEN as error:
        raise FewstepError(f"{path}: this is not an .npz file ({error}).") from None


def check_size(member: zipfile.ZipInfo, where: str, most: int) -> None:
    """Refuse a member of an archive that would unpack to more than `most` bytes, or as a zip bomb does."""
    unpacked, packed = member.file_size, member.compress_size
    if unpacked > most:
        raise FewstepError(f"{where} would unpack to {unpacked} bytes; the most is {most}.")
    if unpacked > SMALL_BYTES and unpacked > MAX_RATIO * packed:
        raise FewstepError(
            f"{where} would unpack from {packed} to {unpacked} bytes, as a zip bomb does; a file that you trust can be"
            " saved without compression (np.savez)."
        )


def check_no_labels_among(names: Iterable[str], key: str, where: str) -> None:
    """Refuse names of columns or arrays that look like labels where none has the name that is read, `key`."""
    names = list(names)
    alike = [name for name in names if name.lower() == "y" or any(word in name.lower() for word in _LABEL_WORDS)]
    if alike:
        raise FewstepError(
            f"{where}: {' and '.join(alike)} may be labels, but they are read from {key} alone; rename, or leave out."
        )
