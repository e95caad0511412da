"""A stamp changes with the bytes and the names of files, and with nothing else that a file system tells."""

import json
import os
import shutil
import time

import pytest

from fewstep.base import stamps
from fewstep.base.stamps import below, stamp


@pytest.fixture
def root(tmp_path):
    for name in ("a/1.png", "a/2.png", "b/1.png"):
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_bytes(name.encode())
    time.sleep(0.02)  # some ticks of the file system's clock
    return tmp_path / "root"


@pytest.fixture
def of(tmp_path, monkeypatch):
    """The stamp of a folder's images; what changed just now is kept too, as if there had been a pause."""
    monkeypatch.setattr(stamps, "_SETTLED_NS", -(10**12))
    return lambda folder: stamp(below(folder, (".png",)), tmp_path / "cache.json", "images")


def test_equal_bytes_have_one_stamp_whatever_their_times_and_their_place(root, of, tmp_path):
    before = of(root)
    for when in (1.6e9, time.time() + 1e8):
        os.utime(root / "a/1.png", (when, when))
        assert of(root) == before
    copy = tmp_path / "copy.png"
    shutil.copyfile(root / "a/1.png", copy)
    os.replace(copy, root / "a/1.png")
    assert of(root) == before
    shutil.copytree(root, tmp_path / "other")
    assert of(tmp_path / "other") == before


def test_other_bytes_of_one_size_and_time_have_another(root, of):
    before, file = of(root), root / "a/1.png"
    status = file.stat()
    file.write_bytes(b"a/X.png")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert of(root) != before and file.stat().st_size == status.st_size


def test_a_file_replaced_by_an_older_one_has_another(root, of, tmp_path):
    before, older = of(root), tmp_path / "older.png"
    older.write_bytes(b"a/X.png")
    os.utime(older, (1.6e9, 1.6e9))
    os.replace(older, root / "a/1.png")
    assert of(root) != before


def test_names_added_removed_and_changed_have_others_but_not_those_that_are_not_read(root, of):
    found = [of(root)]
    (root / "a/3.png").write_bytes(b"3")
    found.append(of(root))
    (root / "a/3.png").rename(root / "a/4.png")
    found.append(of(root))
    (root / "a/4.png").rename(root / "b/4.png")
    found.append(of(root))
    (root / "b/4.png").unlink()
    assert len(set(found)) == 4 and of(root) == found[0]
    for name in (".hidden.png", "a/notes.txt"):
        (root / name).write_bytes(b"")
    assert of(root) == found[0]


def test_links_are_followed_also_in_circles_and_into_nowhere(root, of, tmp_path):
    linked = tmp_path / "linked"
    linked.mkdir()
    for name in ("a", "b"):
        (linked / name).symlink_to(root / name)
    before = of(linked)
    assert before == of(root)
    (root / "a/1.png").write_bytes(b"other")
    assert of(linked) != before
    (linked / "a/loop").symlink_to(linked / "a")
    (linked / "gone.png").symlink_to("/nowhere.png")
    assert of(linked) != before and set(below(linked, (".png",))) == {"a/1.png", "a/2.png", "b/1.png", "gone.png"}


def test_the_bytes_are_read_again_only_when_the_file_system_says_so(root, of, monkeypatch):
    before = of(root)
    monkeypatch.setattr(stamps, "sha256_file", None)  # reading would fail
    assert of(root) == before


def test_what_changed_just_now_is_not_kept(root, tmp_path):
    cache = tmp_path / "cache.json"
    stamp(below(root, (".png",)), cache, "images")
    assert not cache.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_cache_only_costs_the_time(root, of, tmp_path, content):
    before = of(root)
    (tmp_path / "cache.json").write_bytes(content)
    assert of(root) == before and "images" in json.loads((tmp_path / "cache.json").read_text(encoding="utf-8"))


def test_one_cache_keeps_several_stamps(root, of, tmp_path):
    of(root)
    stamp({"x": root / "a/1.png"}, tmp_path / "cache.json", "weights")
    assert set(json.loads((tmp_path / "cache.json").read_text(encoding="utf-8"))) == {"images", "weights"}


def test_a_missing_file_and_a_cache_that_cannot_be_written_are_no_errors(tmp_path, of):
    gone = {"weights": tmp_path / "gone"}
    (tmp_path / "file").write_text("")
    first = stamp(gone, tmp_path / "file" / "cache.json", "weights")
    (tmp_path / "gone").write_bytes(b"")
    assert stamp(gone, tmp_path / "file" / "cache.json", "weights") != first


def test_fifty_thousand_files_take_about_a_second(tmp_path, of):
    (tmp_path / "many").mkdir()
    for i in range(5000):  # a tenth of them
        (tmp_path / "many" / f"{i}.png").write_bytes(b"")
    of(tmp_path / "many")
    began = time.process_time()
    of(tmp_path / "many")
    assert time.process_time() - began < 0.3
