"""Features are kept by shard, as long as pixels, extractor and code are those that they were made of."""

import shutil

import numpy as np
import pytest
from on_disk import on_disk

from fewstep.base.errors import FewstepError
from fewstep.plan.cells import GENERATE, Cell
from fewstep.scoring import features
from fewstep.scoring.features import features_of

CELL = Cell("toys", GENERATE, "method", "variant", 1, 0, 0)
COUNT, SIZE = 12, 5


class CountingExtractor:
    """Mean and spread of an image as features; keeps how many images each pass saw."""

    def __init__(self, weights: str = "a"):
        self.identity = {"label": "stub", "resize": "none", "weights_sha256": weights}
        self.passes = []

    def features(self, images, progress=True):
        self.passes.append(len(images))
        flat = images.reshape(len(images), -1).astype(np.float32)
        return np.stack([flat.mean(1), flat.std(1)], axis=1), flat[:, :3]


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (COUNT, 4, 4, 1), dtype=np.uint8)


@pytest.fixture
def shards(tmp_path, images):
    return on_disk(tmp_path / "samples", CELL, images, size=SIZE)


@pytest.fixture
def passes(tmp_path, shards):
    """A function that describes a cell and gives the sizes of the passes that this took."""

    def run(extractor=None, code="code", of=shards):
        extractor = extractor or CountingExtractor()
        features_of(of, tmp_path / "features", extractor, code)
        return extractor.passes

    return run


def assert_same(found, expected):
    assert found._fields == expected._fields
    assert all(a is b is None or np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_features_are_those_of_all_images_in_the_order_of_their_indices(tmp_path, images, shards):
    expected = features.describe(CountingExtractor(), images)
    for _ in range(2):  # made, and read again
        found = features_of(shards, tmp_path / "features", CountingExtractor(), "code")
        assert_same(found, expected)
    assert found.pixels.shape == (COUNT, 2) and found.labels is None


def test_labels_are_kept_with_the_features(tmp_path, images):
    labels = np.arange(COUNT) % 3
    labelled = on_disk(tmp_path / "samples", CELL, images, labels, size=SIZE)
    for _ in range(2):
        assert features_of(labelled, tmp_path / "features", CountingExtractor(), "code").labels.tolist() == [*labels]


def test_one_shard_is_seen_at_a_time(passes):
    assert passes() == [5, 5, 2]


def test_a_pass_is_made_again_for_other_code_weights_or_pixels_alone(passes, tmp_path, images):
    assert passes() == [5, 5, 2] and passes() == []
    assert passes(code="edited") == [5, 5, 2]
    assert passes(CountingExtractor("b"), code="edited") == [5, 5, 2]
    assert passes(CountingExtractor("b"), code="edited") == []
    images[7] ^= 1
    other = on_disk(tmp_path / "samples", CELL, images, size=SIZE)
    assert passes(CountingExtractor("b"), code="edited", of=other) == [5], "one shard of three has other pixels"
    renamed = on_disk(tmp_path / "samples", CELL, images, size=SIZE, key="other labels")
    assert passes(CountingExtractor("b"), code="edited", of=renamed) == [5, 5, 2]


def test_more_images_extract_those_that_are_new(passes, tmp_path, images):
    """From 10 images to 12, the whole shards of the 10 are described no more."""
    few = on_disk(tmp_path / "few", CELL, images[:10], size=SIZE)
    assert passes(of=few) == [5, 5] and passes() == [2]


def test_cells_do_not_share_files(passes, tmp_path, images):
    other = on_disk(tmp_path / "samples", CELL._replace(seed=1), 255 - images, size=SIZE)
    assert passes() == passes(of=other) == [5, 5, 2] and passes() == passes(of=other) == []


def test_a_damaged_file_of_features_is_made_again(passes, tmp_path, images, shards):
    passes()
    path = sorted((tmp_path / "features").rglob("*.npz"))[1]
    path.write_bytes(path.read_bytes()[:50])
    assert passes() == [5] and passes() == []
    found = features_of(shards, tmp_path / "features", CountingExtractor(), "code")
    assert_same(found, features.describe(CountingExtractor(), images))


def test_samples_that_are_gone_are_needed_only_where_their_features_are_not_kept(passes, shards):
    passes()
    shutil.rmtree(shards.folder / CELL.folder)
    assert passes() == []
    with pytest.raises(FewstepError, match="sample it again"):
        passes(code="edited")


def test_the_kept_features_of_another_key_are_replaced(tmp_path, images):
    made = features.describe(CountingExtractor(), images)
    other = features.describe(CountingExtractor(), 255 - images)
    path = tmp_path / "features.npz"
    assert features.kept(path, "a", lambda: made) is made
    assert_same(features.kept(path, "a", lambda: other), made)
    assert features.kept(path, "b", lambda: other) is other
    assert_same(features.kept(path, "b", lambda: made), other)
