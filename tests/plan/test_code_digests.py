"""Digests of code are kept between runs, and no longer than code and packages stay as they are."""

import os
import time

import pytest

from fewstep.plan.code_digests import CodeDigests


@pytest.fixture
def folder(tmp_path):
    """A folder with a file of code that was not changed just now."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("x = 1\n", encoding="utf-8")
    return tmp_path / "code"


@pytest.fixture
def later(monkeypatch):
    """A clock that is ahead: what was written just now was written long ago."""
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10**11)


def computed(folder) -> int:
    """How often a digest is computed by a new run."""
    calls = []
    digests = CodeDigests(folder.parent / "cache.json", [folder])
    for _ in range(2):
        assert digests.get(["score", {"edm": ["build"]}, []], lambda: calls.append(1) or "digest") == "digest"
    return len(calls)


def test_a_digest_is_computed_once_as_long_as_nothing_changes(folder, later):
    assert [computed(folder) for _ in range(3)] == [1, 0, 0]
    assert CodeDigests(folder.parent / "cache.json", [folder]).get(["another"], lambda: "b") == "b"


def test_other_code_is_read_again_also_with_the_same_size_and_time(folder, later):
    assert computed(folder) == 1
    before = (folder / "a.py").stat()
    (folder / "a.py").write_text("x = 2\n", encoding="utf-8")
    os.utime(folder / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [computed(folder), computed(folder)] == [1, 0]
    (folder / "b.py").write_text("", encoding="utf-8")
    assert computed(folder) == 1
    (folder / "b.py").unlink()
    assert computed(folder) == 1


def test_another_version_of_a_package_counts(folder, later, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [computed(folder), computed(folder)] == [1, 0]
    (tmp_path / "scipy-99.0.dist-info").mkdir()
    assert [computed(folder), computed(folder)] == [1, 0]


def test_what_was_changed_just_now_is_not_kept(folder):
    assert [computed(folder), computed(folder)] == [1, 1]


def test_a_damaged_file_costs_only_the_time(folder, later):
    (folder.parent / "cache.json").write_text("{", encoding="utf-8")
    assert [computed(folder), computed(folder)] == [1, 0]
