"""Shards: what is foreign, damaged or of another range is made again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewstep import shards


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
    assert header.nfe == {"model": 2.0}


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


@given(st.integers(1, 500), st.integers(1, 200))
def test_ranges_cover_every_index_once_and_growing_keeps_the_whole_ones(count, size):
    covered = [i for start, n in shards.ranges(count, size) for i in range(start, start + n)]
    assert covered == list(range(count))
    whole = [r for r in shards.ranges(count, size) if r[1] == size]
    assert shards.ranges(2 * count, size)[: len(whole)] == whole
