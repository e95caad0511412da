"""Digests of code that were computed before: following imports takes seconds, and most runs change no code."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fewstep.base.errors import FewstepError
from fewstep.base.files import sha256_json, write_json

# A file can change twice within one tick of the file system's clock: what changed just now is not kept.
_SETTLED_NS = 2 * 10**9


class CodeDigests:
    """Digests by what they are of, in a JSON file that holds as long as no code and no package changes.

    Code is known by path, size, times and inode of every Python file below some folders, packages by the names of their
    metadata, which end in their versions.
    """

    def __init__(self, cache: Path, folders: list[Path]):
        self._cache = cache
        self._state, newest = _state(folders)
        self._is_settled = newest < time.time_ns() - _SETTLED_NS
        self._known: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(cache.read_text(encoding="utf-8"))
            self._known = dict(found["digests"]) if found["state"] == self._state else {}

    def get(self, key: list, compute: Callable[[], str]) -> str:
        """The digest of what `key` (plain data) names, computed where it is not known."""
        name = json.dumps(key)
        if name not in self._known:
            self._known[name] = compute()
            if self._is_settled:
                with contextlib.suppress(OSError, FewstepError):  # a folder that may not be written only costs the time
                    write_json(self._cache, {"state": self._state, "digests": self._known})
        return self._known[name]


def _state(folders: list[Path]) -> tuple[str, int]:
    """Digest of what the file system says of code and packages, and the time of the newest change of code in ns."""
    facts, newest = [sys.version], 0
    for folder in folders:
        for root, below, names in os.walk(folder):
            below[:] = sorted(name for name in below if not name.startswith((".", "__pycache__")))
            for name in sorted(names):
                if name.endswith(".py"):
                    s = os.stat(os.path.join(root, name))
                    facts.append([root, name, s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino])
                    newest = max(newest, s.st_ctime_ns)
    for entry in sys.path:
        with contextlib.suppress(OSError):
            facts.append([entry, sorted(name for name in os.listdir(entry or ".") if name.endswith("-info"))])
    return sha256_json(facts), newest
