"""Fingerprints depend on pixels (and labels) alone, and on each of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fewstep.data import Split, fingerprint, load_source, split_fingerprint


@given(st.permutations(range(6)))
def test_fingerprint_does_not_depend_on_order(order):
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 3, 1), dtype=np.uint8)
    assert fingerprint(images[list(order)]) == fingerprint(images)


def test_fingerprint_sees_one_pixel_a_copy_and_the_shape(make_images):
    images = make_images(5)
    changed = images.copy()
    changed[3, 2, 1, 0] ^= 1
    doubled = np.concatenate([images, images[:1]])
    others = (changed, doubled, images.reshape(5, 3, 12, 3))
    assert len({fingerprint(i) for i in (images, *others)}) == 4


def test_fingerprint_does_not_depend_on_memory_layout(make_images):
    images = make_images(5)
    assert fingerprint(np.asfortranarray(images)) == fingerprint(images)


@given(st.permutations(range(6)))
def test_the_fingerprint_of_a_split_does_not_depend_on_order(order):
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 3, 1), dtype=np.uint8)
    split = Split(images, np.array([0, 1, 2, 0, 1, 2]))
    assert split_fingerprint(split.take(np.array(order))) == split_fingerprint(split)


def test_other_labels_of_equal_images_are_other_data(make_images):
    images = make_images(5)
    labellings = (None, [0, 1, 2, 0, 1], [0, 1, 2, 1, 0], [1, 0, 2, 1, 0], [0, 0, 0, 0, 0])
    splits = [Split(images, None if labels is None else np.array(labels)) for labels in labellings]
    assert len({split_fingerprint(split) for split in splits}) == len(labellings)
    assert {fingerprint(split.images) for split in splits} == {fingerprint(images)}


def test_without_labels_a_split_has_the_fingerprint_of_its_pixels(make_images):
    assert split_fingerprint(Split(make_images(5))) == fingerprint(make_images(5))


def test_classes_in_another_order_are_other_data():
    # Folders zero..nine are in alphabetical order: the images of MNIST, but eight is class 0.
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    train = load_source({"source": "digits"})["train"]
    rank = np.array([sorted(names).index(name) for name in names])
    assert split_fingerprint(Split(train.images, rank[train.labels])) != split_fingerprint(train)
