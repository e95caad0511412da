"""Sample sets in .npz files: read in batches, with the labels that the real images have, or refused by one sentence."""

from io import BytesIO

import numpy as np
import pytest
from sample_sets import images_of, most_bytes, refuses, whole, write_zip

from fewstep.base import archive
from fewstep.images.sample_files import open_samples


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("keys", [("arr_0", "arr_1"), ("images", "labels"), ("samples", "labels")])
def test_arrays_come_back_in_batches(tmp_path, save, keys):
    images, labels = images_of(11), np.arange(11, dtype=np.uint8) % 3
    save(tmp_path / "a.npz", **dict(zip(keys, (images, labels), strict=True)))
    samples = open_samples(tmp_path / "a.npz")
    found, numbers = whole(samples, 4)
    np.testing.assert_array_equal(found, images)
    np.testing.assert_array_equal(numbers, labels)
    assert len(samples) == 11 and samples.shape == (6, 6, 3) and numbers.dtype == np.int64
    assert samples.class_names == ("0", "1", "2")


def test_arrays_without_channels_are_grey(tmp_path):
    np.savez(tmp_path / "a.npz", arr_0=images_of(3)[..., 0])
    samples = open_samples(tmp_path / "a.npz")
    assert samples.shape == (6, 6, 1) and whole(samples)[0].shape == (3, 6, 6, 1) and not samples.has_labels


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (None, [0, 1, 1]),
        (["3", "5", "7"], [0, 2, 2]),
        (list("0123456789"), [3, 7, 7]),
        (list("abcdefgh"), [3, 7, 7]),
        ((), None),
    ],
    ids=["own", "by name", "both", "by position", "none"],
)
def test_numbers_name_the_classes_of_the_real_images_or_are_their_positions(tmp_path, classes, expected):
    np.savez(tmp_path / "a.npz", arr_0=images_of(3), arr_1=np.array([3, 7, 7]))
    labels = open_samples(tmp_path / "a.npz", classes).labels
    assert (labels if labels is None else labels.tolist()) == expected


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": images_of(2)}, "there is no array images, arr_0 or samples (there are x)."),
        ({"arr_0": images_of(2).astype(np.float32)}, "arr_0 is float32 of shape (2, 6, 6, 3); images are uint8 "),
        ({"arr_0": images_of(0)}, "arr_0 holds no images."),
        ({"arr_0": images_of(2, channels=0)}, "arr_0 is of shape (2, 6, 6, 0); these images have no pixels."),
        ({"arr_0": images_of(2).transpose(0, 3, 1, 2).copy()}, "arr_0 has 6 channels; there must be 1 or 3 ([N"),
        ({"arr_0": np.asfortranarray(images_of(2))}, "arr_0 lies in Fortran order; save np.ascontiguousarray of it."),
        ({"arr_0": np.array([{}, {}], object)}, "arr_0 cannot be read (it holds Python objects"),
        ({"arr_0": images_of(2), "arr_1": np.zeros(3, int)}, "arr_1 is int64 of shape (3,); labels are inte"),
        ({"arr_0": images_of(2), "arr_1": np.array([0, -1])}, "arr_1 holds -1; labels are 0 or more"),
        ({"arr_0": images_of(2), "y": np.zeros(2, int)}, "y may be labels, but they are read from labels alone"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit(tmp_path, arrays, sentence):
    np.savez(tmp_path / "a.npz", **arrays)
    refuses(f"{tmp_path}/a.npz: {sentence}", tmp_path / "a.npz")


def test_a_label_that_is_no_class(tmp_path):
    np.savez(tmp_path / "a.npz", arr_0=images_of(2), arr_1=np.array([0, 9]))
    refuses("arr_1 holds 9, which is no class of the real images (cat, dog).", tmp_path / "a.npz", ["cat", "dog"])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damaged_arrays_are_named(tmp_path, save):
    path = tmp_path / "a.npz"
    save(path, arr_0=images_of(100))
    good = path.read_bytes()
    data = bytearray(good)
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    refuses(f"{path}: arr_0 cannot be read (", path)
    path.write_bytes(good[: len(good) // 2])
    refuses(f"{path}: this is not an .npz file (", path)


def test_a_header_that_claims_more_than_there_is(tmp_path):
    buffer = BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 64, 64, 3)})
    path = write_zip(tmp_path / "a.npz", {"arr_0.npy": buffer.getvalue() + bytes(100)})
    refuses(f"{path}: arr_0 cannot be read (an array [1000000000, 64, 64, 3] of uint8 does not have ", path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "a.npz", arr_0=np.zeros((3000, 32, 32, 3), np.uint8))
    monkeypatch.setattr(archive, "SMALL_BYTES", 2**20)
    refuses("arr_0 would unpack from ", tmp_path / "a.npz")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_no_more_than_a_batch_of_an_array_is_held(tmp_path, save):
    save(tmp_path / "a.npz", arr_0=images_of(2000, side=32))  # 6 MB
    samples = open_samples(tmp_path / "a.npz")
    assert most_bytes(samples) < 2e6
