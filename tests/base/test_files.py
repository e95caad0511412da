"""A file is whole or absent, whatever happens while it is written; digests depend on content alone."""

import builtins
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fewstep.base import files
from fewstep.base.errors import FewstepError


@pytest.fixture
def old(tmp_path) -> Path:
    path = tmp_path / "file"
    path.write_text("old")
    return path


def test_a_write_replaces_the_file_and_makes_its_folders(tmp_path):
    path = tmp_path / "a" / "b"
    for text in ("one", "two"):
        files.write_text(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]


def test_an_exception_leaves_the_old_file_and_nothing_else(old):
    with pytest.raises(KeyError), files.atomic_write(old) as file:
        file.write(b"new")
        raise KeyError
    assert old.read_text(encoding="utf-8") == "old" and list(old.parent.iterdir()) == [old]


def test_the_old_file_stands_until_the_block_ends(old):
    with files.atomic_write(old) as file:
        file.write(b"new")
        file.flush()
        assert old.read_text(encoding="utf-8") == "old"
    assert old.read_text(encoding="utf-8") == "new"


def test_the_content_is_on_disk_before_the_name_is_given(old, monkeypatch):
    done = []
    monkeypatch.setattr(os, "fsync", lambda fd: done.append("fsync"))
    rename = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: done.append("rename") or rename(a, b))
    files.write_text(old, "new")
    assert done == ["fsync", "rename", "fsync"]  # the file, its name, the folder


def test_a_full_disk_is_one_sentence_with_the_path_and_leaves_the_old_file(old, monkeypatch):
    full = lambda path, mode: builtins.open("/dev/full", mode)  # noqa: E731, SIM115
    monkeypatch.setattr(files, "open", full, raising=False)
    with pytest.raises(FewstepError, match=f"^{old}: the disk is full; free some space and run again.$"):
        files.write_text(old, "new")
    assert old.read_text(encoding="utf-8") == "old" and list(old.parent.iterdir()) == [old]


def test_json_is_the_same_for_the_same_content_and_refuses_nan(tmp_path):
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    files.write_json(first, {"a": 1, "b": [None, 0.1]})
    files.write_json(second, {"b": [None, 0.1], "a": 1})
    assert first.read_bytes() == second.read_bytes() and files.read_json(first) == {"a": 1, "b": [None, 0.1]}
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(first, float("nan"))
    assert files.read_json(first)["a"] == 1


def test_json_that_cannot_be_read_names_the_file(tmp_path):
    with pytest.raises(FewstepError, match=r"none\.json: there is no such file"):
        files.read_json(tmp_path / "none.json")
    for content in (b"{", b"\xff\xfe"):
        (tmp_path / "bad.json").write_bytes(content)
        with pytest.raises(FewstepError, match=r"bad\.json: this is not valid JSON"):
            files.read_json(tmp_path / "bad.json")


def test_the_digest_of_a_file_is_sha256(tmp_path):
    (tmp_path / "x").write_bytes(b"abc" * 1_000_000)
    assert files.sha256_file(tmp_path / "x") == hashlib.sha256(b"abc" * 1_000_000).hexdigest()


def test_the_digest_of_an_array_is_that_of_dtype_shape_and_values():
    a = np.arange(12, dtype=np.int32).reshape(3, 4)
    same = files.sha256_array(a)
    assert files.sha256_array(np.asfortranarray(a)) == same == files.sha256_array(a.copy()[::1])
    changed = a.copy()
    changed[2, 3] += 1
    others = [changed, a.reshape(4, 3), a.astype(np.int64), a.T]
    assert same not in {files.sha256_array(other) for other in others}


def test_the_digest_of_json_ignores_the_order_of_keys_alone():
    assert files.sha256_json({"a": 1, "b": 2}) == files.sha256_json({"b": 2, "a": 1})
    assert files.sha256_json([1, 2]) != files.sha256_json([2, 1])
    assert files.sha256_json({"a": 1}) != files.sha256_json({"a": "1"})


def test_what_a_killed_writer_left_is_swept_and_what_a_live_one_writes_is_not(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    target = tmp_path / "shard.npz"
    dead, alive = (tmp_path / f".shard.npz.{pid}.tmp" for pid in (child.pid, os.getppid()))
    other = tmp_path / f".other.npz.{child.pid}.tmp"
    for path in (dead, alive, other):
        path.write_bytes(b"torn")
    files.write_text(target, "whole")
    assert not dead.exists() and alive.exists() and other.exists()
    assert target.read_text(encoding="utf-8") == "whole"
