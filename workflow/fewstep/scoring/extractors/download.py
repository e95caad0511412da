"""Weights from the network, kept only if their checksum agrees."""

from pathlib import Path

from fewstep.base.errors import FewstepError
from fewstep.base.files import sha256_file


def verify(path: str | Path, sha256: str) -> Path:
    """Return `path` if it is a file with this sha256, else raise a FewstepError that names it."""
    path = Path(path)
    if not path.is_file():
        raise FewstepError(f"{path}: there is no such file of extractor weights.")
    found = sha256_file(path)
    if found != sha256:
        raise FewstepError(f"{path}: these are other weights (sha256 {found[:12]}..., expected {sha256[:12]}...).")
    return path


def download(url: str, sha256: str, folder: str | Path) -> Path:
    """Return the copy of `url` in `folder`, downloading it first if it is not there yet.

    Raises:
        FewstepError: the download fails, or what came does not have this sha256 (it is not kept).
    """
    import pooch

    try:
        return Path(pooch.retrieve(url, known_hash=f"sha256:{sha256}", path=folder, fname=url.rsplit("/", 1)[-1]))
    except (OSError, ValueError) as error:  # requests raises OSErrors, pooch a ValueError on a wrong checksum
        raise FewstepError(f"{url}: the weights could not be had ({error}).") from error
