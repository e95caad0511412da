"""Digests of the bytes of files that the project did not make: how a job sees that an input is another one.

A time stamp tells neither: a file that was moved or copied here may be older than the one it replaces, and a fresh
checkout of the same bytes is newer. Bytes are read again only where the file system says that something changed.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fewstep.base.errors import FewstepError
from fewstep.base.files import sha256_file, write_json

# A file can change twice within one tick of the file system's clock: what changed just now is read again next time.
_SETTLED_NS = 2 * 10**9


def stamp(files: Mapping[str, str | Path], cache: str | Path, name: str) -> str:
    """Digest (64 hex digits) of the names and bytes of files; a file that cannot be read counts by its name.

    Args:
        files: paths by the name that enters the digest; links are followed.
        cache: JSON file that keeps digests beside the sizes, times and inodes that they belong to.
        name: what the digest is of, in the cache.
    """
    state, newest = _state(files)
    known = _cached(cache)
    if known.get(name, [None])[0] == state:
        return known[name][1]
    found = digest(files)
    if newest < time.time_ns() - _SETTLED_NS:
        with contextlib.suppress(OSError, FewstepError):  # a folder that may not be written only costs the time
            write_json(cache, known | {name: [state, found]})
    return found


def below(folder: Path, suffixes: tuple[str, ...], strict: bool = False) -> dict[str, str]:
    """The files below a folder with one of these endings, by relative name; hidden ones are left out.

    Raises:
        FewstepError: `strict`, and a folder cannot be read; otherwise it counts as empty.
    """
    root = os.fspath(folder)
    return {path[len(root) + 1 :]: path for path in _walk(root, set(), strict) if path.lower().endswith(suffixes)}


def _walk(folder: str, above: set[tuple[int, int]], strict: bool) -> Iterator[str]:
    """Paths of all files below, with links that lead nowhere; a link to a folder that it lies in ends there."""
    try:
        status = os.stat(folder)
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        if strict:
            raise FewstepError(f"{folder}: this folder cannot be read ({error.strerror}).") from None
        return
    here = above | {(status.st_dev, status.st_ino)}
    if len(here) == len(above):
        return
    for entry in entries:
        if not entry.name.startswith("."):
            yield from _walk(entry.path, here, strict) if entry.is_dir() else [entry.path]


def _state(files: Mapping[str, str | Path]) -> tuple[str, int]:
    """What the file system says of the files, as a digest, and the time of the newest change in ns."""
    state, newest = hashlib.sha256(), 0
    for name, path in files.items():
        try:
            s = os.stat(path)
        except OSError as error:
            facts: tuple[Any, ...] = (error.errno,)
        else:
            facts = (s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns)
            newest = max(newest, s.st_ctime_ns)
        state.update(os.fsencode(f"{name}\0{path}\0{facts}\n"))
    return state.hexdigest(), newest


def digest(files: Mapping[str, str | Path]) -> str:
    """Digest (64 hex digits) of the names and bytes of files, all of which are read; one that cannot counts by name."""
    whole = hashlib.sha256()
    for name in sorted(files):
        try:
            content = sha256_file(files[name])
        except OSError as error:
            content = type(error).__name__
        whole.update(os.fsencode(f"{name}\0{content}\n"))
    return whole.hexdigest()


def _cached(cache: str | Path) -> dict[str, Any]:
    try:
        known = json.loads(Path(cache).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
