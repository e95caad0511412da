"""Shards: what is foreign, damaged or of another range is made again; a cell is read one shard at a time."""

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from on_disk import on_disk, write_manifest, write_part

from fewstep.base.errors import FewstepError
from fewstep.plan.cells import GENERATE, Cell
from fewstep.sampling import shards
from fewstep.sampling.shards import read_manifests

CELL = Cell("toys", GENERATE, "method", "variant", 1, 0, 0)


@pytest.fixture
def shard(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 1), dtype=np.uint8)
    path = shards.shard_path(tmp_path, 12)
    shards.write_shard(path, images, np.arange(6), "key", 12, {"model": 2.0})
    return path, images


def test_round_trip(shard):
    path, images = shard
    read, labels, header = shards.read_shard(path)
    assert np.array_equal(read, images) and labels.tolist() == list(range(6))
    assert header == shards.valid_shard(path, "key", 12, 6)
    assert header.nfe == {"model": 2.0} and header.worst is None


def test_the_worst_errors_of_a_shard_are_in_its_header(tmp_path):
    images, path = np.zeros((2, 4, 4, 1), np.uint8), tmp_path / "000000.npz"
    errors = np.array([[0.0, 0.7], [0.25, 0.5]])
    shards.write_shard(path, images, None, "key", 0, {}, errors)
    assert shards.read_shard(path)[2].worst == [0.25, 0.7]
    shards.write_shard(path, images, None, "key", 0, {}, np.full((2, 2), np.nan))
    assert shards.read_shard(path)[2].worst is None


@pytest.mark.parametrize("key, start, count", [("other", 12, 6), ("key", 0, 6), ("key", 12, 5)])
def test_a_foreign_shard_is_not_valid(shard, key, start, count):
    assert shards.valid_shard(shard[0], key, start, count) is None


def test_a_damaged_shard_is_not_valid(shard):
    path, _ = shard
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert shards.valid_shard(path, "key", 12, 6) is None
    flipped = bytearray(whole)
    flipped[whole.index(b"NUMPY") + 130] ^= 1
    path.write_bytes(flipped)
    assert shards.valid_shard(path, "key", 12, 6) is None
    path.unlink()
    assert shards.valid_shard(path, "key", 12, 6) is None


def test_a_shard_with_another_header_is_not_valid(tmp_path):
    path = tmp_path / "000012.npz"
    header = {"key": "key", "start": 12, "count": 6, "another": 1}
    np.savez(path, images=np.zeros((6, 4, 4, 1), np.uint8), header=np.array(json.dumps(header)))
    assert shards.valid_shard(path, "key", 12, 6) is None


@given(st.integers(1, 500), st.integers(1, 200))
def test_ranges_cover_every_index_once_and_growing_keeps_the_whole_ones(count, size):
    covered = [i for start, n in shards.ranges(count, size) for i in range(start, start + n)]
    assert covered == list(range(count))
    whole = [r for r in shards.ranges(count, size) if r[1] == size]
    assert shards.ranges(2 * count, size)[: len(whole)] == whole


# Cells


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (12, 4, 4, 1), dtype=np.uint8)


@pytest.fixture
def reads(monkeypatch):
    """The names of the shards that were read, one after the other."""
    names, read = [], shards.read_shard

    def record(path):
        names.append(path.name)
        return read(path)

    monkeypatch.setattr(shards, "read_shard", record)
    return names


def test_a_cell_gives_its_images_with_labels_and_indices_in_order(tmp_path, images):
    cell = on_disk(tmp_path, CELL, images, np.arange(12) % 5)
    assert cell.cell == CELL and len(cell) == 12
    parts = list(cell)
    assert [part.start for part in parts] == [0, 5, 10] and [len(part.images) for part in parts] == [5, 5, 2]
    assert np.array_equal(np.concatenate([part.images for part in parts]), images)
    assert np.concatenate([part.labels for part in parts]).tolist() == cell.labels().tolist() == [*np.arange(12) % 5]
    assert on_disk(tmp_path, CELL, images).labels() is None


def test_a_shard_is_read_when_its_turn_comes(tmp_path, images, reads):
    coming = iter(on_disk(tmp_path, CELL, images))
    assert reads == []
    next(coming)
    assert reads == ["000000.npz"]
    next(coming)
    assert reads == ["000000.npz", "000005.npz"]


@pytest.mark.parametrize(("count", "read"), [(1, 1), (5, 1), (6, 2), (12, 3), (100, 3)])
def test_the_first_images_are_read_from_the_first_shards_alone(tmp_path, images, reads, count, read):
    assert np.array_equal(on_disk(tmp_path, CELL, images).first(count), images[:count])
    assert len(reads) == read


def test_a_pass_over_a_cell_holds_a_shard_and_not_the_cell(tmp_path):
    size = 2**20  # bytes of a shard, of 16
    cell = on_disk(tmp_path, CELL, np.zeros((16 * 64, 128, 128, 1), np.uint8), np.zeros(16 * 64, np.int64), size=64)
    tracemalloc.start()
    try:
        total = sum(int(part.images.max()) for part in cell)
        cell.labels()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 0 and peak < 3 * size, "the last shard, the next one, and what reading takes"


def test_a_shard_that_is_missing_damaged_or_not_the_one_that_was_sampled_is_refused(tmp_path, images):
    cell = on_disk(tmp_path, CELL, images)
    first, second, third = (tmp_path / shard["path"] for shard in cell.shards)
    third.write_bytes(third.read_bytes()[:100])
    second.unlink()
    whole = write_part(tmp_path / "other", CELL, 255 - images)
    (tmp_path / "other" / whole["shards"][0]["path"]).rename(first)
    for path, shard, why in (
        (first, cell.shards[0], "is not the shard that the manifest names"),
        (second, cell.shards[1], r"cannot be read \(.*No such file"),
        (third, cell.shards[2], "cannot be read"),
    ):
        with pytest.raises(FewstepError, match=rf"{path.name}: this .*{why}.*sample it again\."):
            cell.read(shard)
        with pytest.raises(FewstepError, match="sample it again"):
            cell.first(12)


def test_images_of_another_truth_are_refused(tmp_path, images):
    free = on_disk(tmp_path / "free", CELL, images)
    paired = on_disk(tmp_path / "paired", CELL, images, truth="t")
    free.require_truth(None), paired.require_truth("t")
    for cell, truth in ((free, "t"), (paired, "u"), (paired, None)):
        with pytest.raises(FewstepError, match=r"^method/variant NFE 1 seed 0: these images do not belong to the held"):
            cell.require_truth(truth)


# Manifests


def write_parts(folder, images, *starts, **facts):
    """Manifests of the parts of CELL that begin at these indices."""
    ends = [*starts[1:], len(images)]
    return [
        write_manifest(folder, write_part(folder, CELL, images[a:b], start=a, **facts), part=f"{a:06d}")
        for a, b in zip(starts, ends, strict=True)
    ]


def test_cells_keep_the_order_of_their_manifest(tmp_path, images):
    cells = [CELL._replace(nfe=nfe, seed=seed) for nfe in (9, 5) for seed in (1, 0)]
    path = write_manifest(tmp_path, *(write_part(tmp_path, cell, images) for cell in cells))
    assert [found.cell for found in read_manifests([path])] == cells
    other = write_manifest(tmp_path / "b", write_part(tmp_path / "b", CELL._replace(method="b"), images))
    found = read_manifests([path, other])
    assert len(found) == 5 and all(np.array_equal(cell.first(12), images) for cell in found)


def test_the_parts_of_a_cell_are_joined_whatever_their_order(tmp_path, images):
    paths = write_parts(tmp_path, images, 0, 5, 10)
    for given_paths in (paths, paths[::-1]):
        (cell,) = read_manifests(given_paths)
        assert len(cell) == 12 and np.array_equal(cell.first(12), images)


def test_parts_are_joined_by_number_where_names_sort_otherwise(tmp_path, images):
    start = 1_000_000  # sorts before 999,995
    entries = [write_part(tmp_path, CELL, images[:5], start=first) for first in (start - 5, start)]
    entries[0]["shards"].insert(0, {"path": "made up", "start": 0, "count": start - 5, "sha256": ""})
    paths = [write_manifest(tmp_path, entry, part=f"{first:06d}")
             for entry, first in zip(entries, (start - 5, start), strict=True)]  # fmt: skip
    assert sorted(paths) == paths[::-1]
    (cell,) = read_manifests(paths)
    assert [shard["start"] for shard in cell.shards] == [0, start - 5, start]


def test_the_worst_error_of_a_cell_is_that_of_its_worst_part(tmp_path, images):
    worst = ([0.5, 1.0], [0.25, 2.0])
    paths = [
        write_manifest(
            tmp_path, write_part(tmp_path, CELL, images[a:b], start=a, constraint_error=error), part=f"{a:06d}"
        )
        for a, b, error in ((0, 5, worst[0]), (5, 12, worst[1]))
    ]
    assert read_manifests(paths)[0].facts["constraint_error"] == [0.5, 2.0]
    assert read_manifests(write_parts(tmp_path, images, 0, 5))[0].facts["constraint_error"] is None


def test_parts_that_were_made_in_different_ways_are_refused(tmp_path, images):
    paths = write_parts(tmp_path, images, 0, 5, key="key")
    write_manifest(tmp_path, write_part(tmp_path, CELL, images[5:], start=5, key="other"), part=paths[1].stem)
    with pytest.raises(FewstepError, match="the parts of method/variant NFE 1 seed 0 were made in different ways"):
        read_manifests(paths)


@pytest.mark.parametrize("kept", [(1, 2), (0, 2), (0, 0, 1, 2)])
def test_gaps_and_images_that_come_twice_are_refused(tmp_path, images, kept):
    paths = write_parts(tmp_path, images, 0, 5, 10)
    with pytest.raises(FewstepError, match="images of method/variant NFE 1 seed 0 are missing"):
        read_manifests([paths[i] for i in kept])


def test_parts_that_overlap_are_refused(tmp_path, images):
    first, _ = write_parts(tmp_path, images, 0, 5)
    second = write_manifest(tmp_path, write_part(tmp_path, CELL, images[4:], start=4), part="000004")
    with pytest.raises(FewstepError, match="are missing"):
        read_manifests([first, second])


def test_a_manifest_that_is_missing_or_damaged_is_named(tmp_path, images):
    (path,) = write_parts(tmp_path, images, 0)
    text = path.read_text(encoding="utf-8")
    for damaged in (text[:50], "{}", '{"cells": [{}]}', "[]"):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(FewstepError, match=r"000000\.json: "):
            read_manifests([path])
    path.unlink()
    with pytest.raises(FewstepError, match=r"000000\.json: there is no such file"):
        read_manifests([path])
