"""photos: patches of photographs, parted by photograph."""

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import fingerprint, load_source
from fewstep.data.photos import TEST, TRAIN, _open, patches
from fewstep.data.split import image_digests


@pytest.fixture(scope="module")
def loaded():
    return load_source({"source": "photos"})


def test_counts_and_shapes(loaded):
    for name, count in (("train", 1337), ("test", 386)):
        assert loaded[name].images.shape == (count, 32, 32, 3) and loaded[name].images.dtype == np.uint8
        assert loaded[name].labels is None


def test_no_photograph_is_on_both_sides_and_no_two_are_of_one_scene(loaded):
    scenes = [path.rpartition("/")[2].partition(".")[0].partition("_")[0] for path in (*TRAIN, *TEST)]
    assert len(set(scenes)) == len(scenes) == 7
    train, test = (set(image_digests(loaded[name].images)) for name in ("train", "test"))
    assert not train & test


def test_patches_tile_the_picture_without_overlap():
    picture = np.arange(5 * 7 * 1).reshape(5, 7, 1)
    parts = patches(picture, 2)
    assert parts.shape == (6, 2, 2, 1)
    assert parts[1, :, :, 0].tolist() == picture[:2, 2:4, 0].tolist()
    assert len(np.unique(parts)) == parts.size == 24


def test_they_are_in_colour(loaded):
    for split in loaded.values():
        assert np.ptp(split.images.astype(int), axis=-1).mean() > 15


def test_the_split_is_fixed(loaded):
    # Numbers of other versions of Fewstep are comparable only while this holds.
    assert fingerprint(loaded["test"].images).startswith("f26b5c3c")


def test_a_photograph_that_is_missing_names_its_package():
    with pytest.raises(FewstepError, match="photos: skimage/data/nothing.png is not there; .* scikit-image"):
        _open("skimage/data/nothing.png")
