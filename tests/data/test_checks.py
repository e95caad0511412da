"""Images that train and test share are counted; a test set that training saw is none."""

import re

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import prepare
from fewstep.data.checks import shared_images
from fewstep.data.split import Split


@pytest.fixture
def prepared(tmp_path, make_images):
    """Prepare train and test images that are given apart."""

    def run(train, test):
        for name, images in (("train", train), ("test", test)):
            np.savez(tmp_path / f"{name}.npz", images=images)
        return prepare({"source": "npz", "path": str(tmp_path)}, tmp_path / "out")

    return run


def test_equal_images_on_both_sides_are_counted_whatever_their_labels(prepared, make_images):
    train, fresh = make_images(20), make_images(5, seed=1)
    assert prepared(train, fresh)["shared"] == 0
    assert prepared(train, np.concatenate([train[[3, 3, 7]], fresh]))["shared"] == 3
    splits = {"train": Split(train, np.arange(20) % 2), "test": Split(np.concatenate([train[:1], fresh]), np.ones(6))}
    assert shared_images(splits, "here") == 1


def test_a_test_set_of_training_images_is_refused_and_nothing_is_written(prepared, tmp_path, make_images):
    sentence = f"{tmp_path}: each test image is a training image as well, so that none is held out."
    for test in (make_images(20), make_images(20)[[4, 2]]):
        with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
            prepared(make_images(20), test)
    assert not (tmp_path / "out").exists()
