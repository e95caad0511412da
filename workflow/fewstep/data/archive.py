"""Reading .npz files that others made: what is inside is checked before any of it is unpacked."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from fewstep.errors import FewstepError

MAX_BYTES = 32 * 2**30  # unpacked; ImageNet 64x64 has 16 GB
MAX_RATIO = 100  # unpacked to packed; photographs and digits stay below 20, a bomb reaches 1000
SMALL_BYTES = 16 * 2**20  # below this no ratio is a danger

_BROKEN = (
    OSError, ValueError, EOFError, KeyError, SyntaxError, MemoryError, RuntimeError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip


def array_names(path: Path) -> list[str]:
    """Names of the arrays in an .npz file, without reading them.

    Raises:
        FewstepError: no such file, not an .npz file, or a zip bomb.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such file.") from None
    except (OSError, zipfile.BadZipFile) as error:
        raise FewstepError(f"{path}: this is not an .npz file ({error}).") from None
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MAX_BYTES or (unpacked > SMALL_BYTES and unpacked > MAX_RATIO * packed):
        raise FewstepError(f"{path}: {packed} bytes would unpack to {unpacked}; this looks like a zip bomb.")
    return [member.filename.removesuffix(".npy") for member in members]


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz file, by name; object arrays (pickles) are refused.

    Raises:
        FewstepError: as `array_names`, or an array is damaged or holds Python objects.
    """
    names = array_names(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in names}
    except _BROKEN as error:
        raise FewstepError(f"{path}: an array cannot be read ({error}).") from None
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):  # np.load hands out other members as bytes
            raise FewstepError(f"{path}: {name} is not an array.")
    return arrays
