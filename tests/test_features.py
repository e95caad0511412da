"""Features are kept as long as pixels, extractor and code are those that they were made of."""

import numpy as np
import pytest

from fewstep import features
from fewstep.errors import FewstepError
from fewstep.shards import write_shard


class CountingExtractor:
    """Mean and spread of an image as features; counts its passes."""

    def __init__(self, weights: str = "a"):
        self.identity = {"label": "stub", "resize": "none", "weights_sha256": weights}
        self.passes = 0

    def features(self, images):
        self.passes += 1
        flat = images.reshape(len(images), -1).astype(np.float32)
        return np.stack([flat.mean(1), flat.std(1)], axis=1), flat[:, :3]


@pytest.fixture
def cell(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (10, 4, 4, 1), dtype=np.uint8)
    shards = []
    for start in (0, 5):
        header = write_shard(
            tmp_path / f"{start:06d}.npz", images[start : start + 5], None, "key", start, {"model": 1.0}
        )
        shards.append({"path": f"{start:06d}.npz", "start": start, "count": 5, "sha256": header.sha256})
    return {"variant": "v", "nfe": 1, "seed": 0, "key": "key", "shards": shards}, images


def test_features_are_those_of_the_shards_in_the_order_of_their_indices(cell, tmp_path):
    entry, images = cell
    path = features.extract_cell(tmp_path, tmp_path / "features", entry, CountingExtractor(), "code")
    read, expected = features.read_features(path), features.describe(CountingExtractor(), images)
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(read, expected, strict=True))
    assert read.pixels.shape == (10, 2)


def test_a_pass_is_made_again_for_other_code_weights_or_pixels_alone(cell, tmp_path):
    entry, _ = cell

    def passes(extractor, code="code", described=entry):
        features.extract_cell(tmp_path, tmp_path / "features", described, extractor, code)
        return extractor.passes

    assert passes(CountingExtractor()) == 1
    assert passes(CountingExtractor()) == 0
    assert passes(CountingExtractor(), code="edited") == 1
    assert passes(CountingExtractor("b"), code="edited") == 1
    assert passes(CountingExtractor("b"), code="edited", described={**entry, "shards": entry["shards"][:1]}) == 1


def test_a_damaged_file_of_features_is_made_again(cell, tmp_path):
    entry, _ = cell
    path = features.extract_cell(tmp_path, tmp_path / "features", entry, CountingExtractor(), "code")
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(FewstepError, match="cannot be read"):
        features.read_features(path)
    extractor = CountingExtractor()
    features.extract_cell(tmp_path, tmp_path / "features", entry, extractor, "code")
    assert extractor.passes == 1 and len(features.read_features(path).features) == 10


def test_a_shard_that_is_missing_or_not_the_one_that_was_sampled_is_refused(cell, tmp_path):
    entry, _ = cell
    other = {**entry, "shards": [{**entry["shards"][0], "sha256": "0" * 64}]}
    with pytest.raises(FewstepError, match="not the shard that the manifest names"):
        features.read_images(tmp_path, other)
    (tmp_path / "000005.npz").unlink()
    with pytest.raises(FewstepError, match="000005.npz.*sample it again"):
        features.read_images(tmp_path, entry)
