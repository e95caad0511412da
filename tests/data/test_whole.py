"""All real images of a source in one file, without a split."""

import zipfile

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import Split, load_source, prepare_all, read_card, read_split, split_fingerprint
from fewstep.images.sample_files import open_samples


@pytest.fixture
def prepared(tmp_path):
    """Prepare all images of a source; gives the card and the images as they are read again."""

    def run(source, path):
        card = prepare_all({"source": source, "path": path and str(path)}, tmp_path / "out" / "birds")
        assert read_card(tmp_path / "out" / "birds" / "card.json") == card
        assert sorted(each.name for each in (tmp_path / "out" / "birds").iterdir()) == ["all.npz", "card.json"]
        return card, read_split(tmp_path / "out" / "birds" / "all.npz")

    return run


def test_a_folder_with_classes(prepared, tmp_path, make_images, write_folder):
    images = make_images(30)
    write_folder(tmp_path / "real" / "cat", images[:20])
    write_folder(tmp_path / "real" / "dog", images[20:])
    card, split = prepared("folder", tmp_path / "real")
    np.testing.assert_array_equal(split.images, images)
    assert card == {
        "name": "birds",
        "source": "folder",
        "resolution": 6,
        "low_resolution": None,
        "channels": 3,
        "classes": 2,
        "class_names": ["cat", "dog"],
        "class_counts": {"all": [20, 10]},
        "counts": {"all": 30},
        "shared": 0,
        "fingerprint": {"all": split_fingerprint(Split(images, np.repeat([0, 1], [20, 10])))},
    }


def test_an_npz_file_and_a_zip_file(prepared, tmp_path, make_images, encode):
    images = make_images(7, channels=1)
    np.savez_compressed(tmp_path / "a.npz", arr_0=images[..., 0], arr_1=np.array([5, 5, 5, 9, 9, 7, 7]))
    card, split = prepared("npz", tmp_path / "a.npz")
    np.testing.assert_array_equal(split.images, images)
    assert split.labels.tolist() == [0, 0, 0, 2, 2, 1, 1] and card["class_names"] == ["5", "7", "9"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for i in range(7):
            file.writestr(f"{i}.png", encode(images[i]))
    card, split = prepared("zip", tmp_path / "a.zip")
    np.testing.assert_array_equal(split.images, images)
    assert split.labels is None and card["class_counts"] is None


def test_train_and_test_images_that_are_given_apart_are_put_together(prepared, tmp_path, make_images, write_folder):
    for seed, part in enumerate(("train", "test")):
        write_folder(tmp_path / "real" / part / "cat", make_images(4, seed=seed))
        write_folder(tmp_path / "real" / part / "dog", make_images(2, seed=seed + 2))
    card, split = prepared("folder", tmp_path / "real")
    assert card["counts"] == {"all": 12} and card["class_counts"] == {"all": [8, 4]}
    assert split.labels.tolist() == [0, 0, 0, 0, 1, 1] * 2
    np.testing.assert_array_equal(split.images[6:10], make_images(4, seed=1))


def test_a_source_that_brings_its_images(prepared):
    card, split = prepared("digits", None)
    parts = load_source({"source": "digits", "path": None})
    np.testing.assert_array_equal(split.images, np.concatenate([parts["train"].images, parts["test"].images]))
    assert card["counts"] == {"all": 1797}


def test_the_file_is_the_one_that_numpy_writes_and_is_read_in_batches(prepared, tmp_path, make_images):
    images, labels = make_images(1100), np.arange(1100) % 3
    np.savez(tmp_path / "a.npz", images=images, labels=labels)
    prepared("npz", tmp_path / "a.npz")
    written = tmp_path / "out" / "birds" / "all.npz"
    np.savez(tmp_path / "b.npz", images=images, labels=labels)
    assert written.read_bytes() == (tmp_path / "b.npz").read_bytes()
    samples = open_samples(written)
    np.testing.assert_array_equal(np.concatenate([part for part, _ in samples.batches(64)]), images)


def test_images_must_be_square(prepared, tmp_path):
    np.savez(tmp_path / "a.npz", images=np.zeros((3, 4, 6, 3), np.uint8))
    with pytest.raises(FewstepError, match="a.npz: all images are 4 x 6 pixels; they must be square.$"):
        prepared("npz", tmp_path / "a.npz")
    assert not (tmp_path / "out").exists()


def test_damage_in_the_middle_leaves_no_file(prepared, tmp_path, make_images, write_folder):
    write_folder(tmp_path / "real", make_images(8))
    (tmp_path / "real" / "005.png").write_bytes(b"x")
    with pytest.raises(FewstepError, match="005.png: this is not an image"):
        prepared("folder", tmp_path / "real")
    assert not list((tmp_path / "out" / "birds").iterdir())


def test_a_zip_file_is_split_as_a_folder_is(tmp_path, make_images, encode, write_folder):
    images = make_images(60)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for i in range(60):
            file.writestr(f"{'ab'[i % 2]}/{i:03d}.png", encode(images[i]))
    for part, name in enumerate("ab"):
        write_folder(tmp_path / "real" / name, images[part::2])
    of_zip = load_source({"source": "zip", "path": str(tmp_path / "a.zip")})
    of_folder = load_source({"source": "folder", "path": str(tmp_path / "real")})
    for name in ("train", "test"):
        np.testing.assert_array_equal(of_zip[name].images, of_folder[name].images)
        np.testing.assert_array_equal(of_zip[name].labels, of_folder[name].labels)
        assert of_zip[name].class_names == ("a", "b")
