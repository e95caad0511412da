import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewstep.base.errors import FewstepError
from fewstep.data.checks import check_splits
from fewstep.data.split import Split, dealt, hash_split, image_digests, stratified_split


def as_set(split: Split) -> set[bytes]:
    return {image.tobytes() for image in split.images}


def test_hash_split_parts_the_images_and_sends_about_a_tenth_to_test(make_images):
    images = make_images(3000)
    parts = hash_split(Split(images, np.arange(3000)), "here")
    assert 220 < len(parts["test"]) < 380  # 300 +- 5 standard deviations
    both = np.concatenate([parts["train"].labels, parts["test"].labels])
    assert sorted(both) == list(range(3000))
    for part in parts.values():
        np.testing.assert_array_equal(part.images, images[part.labels])
        assert (np.diff(part.labels) > 0).all()  # the order is kept


def test_hash_split_does_not_depend_on_order_nor_on_other_images(make_images):
    images = make_images(400)
    shuffled = images[np.random.default_rng(1).permutation(400)]
    whole, mixed = hash_split(Split(images), "a"), hash_split(Split(shuffled), "b")
    half = hash_split(Split(images[:200]), "c")
    assert as_set(whole["test"]) == as_set(mixed["test"])
    assert as_set(half["test"]) == as_set(whole["test"]) & as_set(Split(images[:200]))


def test_hash_split_never_parts_equal_images(make_images):
    images = np.concatenate([make_images(200), make_images(200)])
    parts = hash_split(Split(images), "here")
    assert not as_set(parts["train"]) & as_set(parts["test"])


def test_hash_split_is_fixed():
    # Numbers of other versions of Fewstep are comparable only while this holds.
    images = np.repeat(np.arange(60, dtype=np.uint8), 16).reshape(60, 4, 4, 1)
    parts = hash_split(Split(images, np.arange(60)), "here")
    assert parts["test"].labels.tolist() == [18, 22, 33, 45]


def test_hash_split_of_one_image_is_an_error(make_images):
    with pytest.raises(FewstepError, match=r"^here: 1 images are too few to part; give train and test apart\.$"):
        hash_split(Split(make_images(1)), "here")


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.data())
def test_stratified_split_is_proportional_and_exact(counts, data):
    total = sum(counts)
    test_count = data.draw(st.integers(0, total))
    labels = np.repeat(np.arange(len(counts)), counts)
    images = np.random.default_rng(0).integers(0, 256, (total, 4, 4, 1), dtype=np.uint8)
    parts = stratified_split(Split(images, labels), test_count)
    assert len(parts["test"]) == test_count and len(parts["train"]) == total - test_count
    got = np.bincount(parts["test"].labels, minlength=len(counts))
    assert (np.abs(got - np.array(counts) * test_count / total) < 1).all()


def test_stratified_split_does_not_depend_on_order(make_images):
    images, labels = make_images(300), np.arange(300) % 3
    order = np.random.default_rng(1).permutation(300)
    one = stratified_split(Split(images, labels), 60)
    other = stratified_split(Split(images[order], labels[order]), 60)
    assert as_set(one["test"]) == as_set(other["test"])


def test_digest_tells_shapes_apart():
    flat = np.arange(16, dtype=np.uint8)
    assert image_digests(flat.reshape(1, 4, 4, 1)) != image_digests(flat.reshape(1, 2, 8, 1))


@pytest.mark.parametrize(
    ("train", "test", "sentence"),
    [
        (((0, 4, 4, 1), None), ((2, 4, 4, 1), None),
         "here: train holds no images."),
        (((2, 4, 6, 1), None), ((2, 4, 6, 1), None),
         "here: train images are 4 x 6 pixels; they must be square."),
        (((2, 4, 4, 2), None), ((2, 4, 4, 2), None),
         "here: train images have 2 channels; they must have 1 or 3."),
        (((2, 4, 4, 4), None), ((2, 4, 4, 4), None),
         "here: train images have 4 channels; they must have 1 or 3."),
        (((2, 4, 4, 1), None), ((2, 4, 4, 3), None),
         "here: train and test images differ in shape (4 x 4 x 1 and 4 x 4 x 3)."),
        (((2, 4, 4, 1), [0, 1]), ((2, 4, 4, 1), None), "here: test has no labels, the other has."),
        (((2, 4, 4, 1), None), ((2, 4, 4, 1), [0, 1]),
         "here: train has no labels, the other has."),
        (((2, 4, 4, 1), [0, -1]), ((2, 4, 4, 1), [0, 1]),
         "here: train has label -1 at row 1; labels are 0 or more (leave out images that have none)."),
        (((2, 4, 4, 1), [0]), ((2, 4, 4, 1), [0, 1]), "here: train has 2 images but labels of shape (1,)."),
    ],
)  # fmt: skip
def test_what_every_source_promises(train, test, sentence):
    splits = {
        name: Split(np.zeros(shape, np.uint8), None if labels is None else np.array(labels))
        for name, (shape, labels) in {"train": train, "test": test}.items()
    }
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        check_splits(splits, "here")


@pytest.mark.parametrize("count", [10, 37, 60])
def test_dealt_images_hold_every_class_in_its_share_from_the_first_on(count):
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    split = Split(rng.integers(0, 256, (100, 4, 4, 1), dtype=np.uint8), labels)
    first = dealt(split).labels[:count]
    assert (abs(np.bincount(first, minlength=3) - count * np.array([0.6, 0.3, 0.1])) <= 1).all()
    assert sorted(dealt(split).labels) == sorted(labels)


def test_the_order_of_dealt_images_does_not_depend_on_theirs():
    images = np.random.default_rng(0).integers(0, 256, (50, 4, 4, 1), dtype=np.uint8)
    split, order = Split(images, np.arange(50) % 3), np.random.default_rng(1).permutation(50)
    assert np.array_equal(dealt(split).images, dealt(split.take(order)).images)
