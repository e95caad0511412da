"""Reading .npz files that others made: what is inside is checked before any of it is unpacked."""

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from fewstep.errors import FewstepError

MAX_BYTES = 32 * 2**30  # of one array, unpacked; ImageNet 64x64 has 16 GB
MAX_RATIO = 100  # unpacked to packed; photographs and digits stay below 20, sparse masks and bombs reach 1000
SMALL_BYTES = 2**30  # below this no ratio is a danger

_BROKEN = (
    OSError, ValueError, EOFError, KeyError, SyntaxError, MemoryError, RuntimeError, zipfile.BadZipFile,
    zlib.error,
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
        _check_size(members[name], f"{path}: {name}")
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays[name] = archive[name]
        except _BROKEN as error:
            raise FewstepError(f"{path}: {name} cannot be read ({error}).") from None
        if not isinstance(arrays[name], np.ndarray):  # np.load hands out other members as bytes
            raise FewstepError(f"{path}: {name} is not an array.")
    return arrays


def array_shape(path: Path, name: str) -> tuple[int, ...]:
    """The shape of one array of an .npz file, from its header.

    Raises:
        FewstepError: as `array_names`, or the member has no header of an array; the sentence names it.
    """
    member = _members(path)[name]
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            version = npy.read_magic(file)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            return read(file)[0]
    except _BROKEN as error:
        raise FewstepError(f"{path}: {name} cannot be read ({error}).") from None


def _members(path: Path) -> dict[str, zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such file.") from None
    except (*_BROKEN, NotImplementedError) as error:
        raise FewstepError(f"{path}: this is not an .npz file ({error}).") from None


def _check_size(member: zipfile.ZipInfo, where: str) -> None:
    unpacked, packed = member.file_size, member.compress_size
    if unpacked > MAX_BYTES:
        raise FewstepError(f"{where} would unpack to {unpacked} bytes; the most is {MAX_BYTES}.")
    if unpacked > SMALL_BYTES and unpacked > MAX_RATIO * packed:
        raise FewstepError(
            f"{where} would unpack from {packed} to {unpacked} bytes, as a zip bomb does; a file that you trust can be"
            " saved without compression (np.savez)."
        )
