import re

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import load_source
from fewstep.data.folder import has_labels


def load(root):
    return load_source({"source": "folder", "path": str(root)})


def refuses(root, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        load(root)


def test_given_split_with_class_folders(tmp_path, make_images, write_folder):
    images = {(part, name): make_images(3, seed=i) for i, (part, name) in enumerate(
        (part, name) for part in ("train", "test") for name in ("dog", "cat"))}  # fmt: skip
    for (part, name), pixels in images.items():
        write_folder(tmp_path / part / name, pixels)
    splits = load(tmp_path)
    for part in ("train", "test"):
        np.testing.assert_array_equal(splits[part].labels, [0, 0, 0, 1, 1, 1])  # cat, dog
        expected = np.concatenate([images[part, "cat"], images[part, "dog"]])
        np.testing.assert_array_equal(splits[part].images, expected)
    assert has_labels(tmp_path)


def test_plain_folder_has_no_labels_and_is_parted_by_hash(tmp_path, make_images, write_folder):
    images = make_images(100, channels=1)
    write_folder(tmp_path, images)
    (tmp_path / "notes.txt").write_text("passed over")
    (tmp_path / ".hidden.png").write_text("passed over")
    splits = load(tmp_path)
    assert splits["train"].labels is None and len(splits["train"]) + len(splits["test"]) == 100
    assert not has_labels(tmp_path)


def test_class_folders_named_by_numbers_are_in_the_order_of_numbers(tmp_path, make_images, write_folder):
    for name in ("2", "10"):
        write_folder(tmp_path / name, make_images(50, seed=int(name)))
    splits = load(tmp_path)
    both = np.concatenate([splits["train"].images[splits["train"].labels == 0],
                           splits["test"].images[splits["test"].labels == 0]])  # fmt: skip
    assert {image.tobytes() for image in both} == {image.tobytes() for image in make_images(50, seed=2)}


def test_no_folder(tmp_path):
    refuses(tmp_path / "gone", f"{tmp_path}/gone: there is no such folder.")


def test_no_images(tmp_path):
    refuses(tmp_path, f"{tmp_path}: there are no images here"
                      " (known: .png .jpg .jpeg .jfif .webp .bmp .tif .tiff .ppm .pgm).")  # fmt: skip


@pytest.mark.parametrize("name", ["train", "test"])
def test_one_of_train_and_test(tmp_path, make_images, write_folder, name):
    write_folder(tmp_path / name, make_images(2))
    refuses(tmp_path, f"{tmp_path}: there is a folder {name}, but not both train and test.")


def test_image_beside_class_folders(tmp_path, make_images, write_folder):
    write_folder(tmp_path / "cat", make_images(2))
    write_folder(tmp_path, make_images(1))
    refuses(tmp_path, f"{tmp_path}/000.png: this image lies beside class folders, so it has no label.")


def test_folder_in_a_class_folder(tmp_path, make_images, write_folder):
    write_folder(tmp_path / "cat" / "small", make_images(2))
    refuses(tmp_path, f"{tmp_path}/cat/small: a class folder holds images, not folders.")


def test_a_class_may_be_absent_from_test_but_not_from_train(tmp_path, make_images, write_folder, capsys):
    for i, name in enumerate(("train/cat", "train/dog", "test/dog")):
        write_folder(tmp_path / name, make_images(2, seed=i))
    splits = load(tmp_path)
    assert splits["test"].labels.tolist() == [1, 1] and splits["test"].class_names == ("cat", "dog")
    assert capsys.readouterr().out == f"{tmp_path}: 1 of 2 classes have no test image, cat among them.\n"
    write_folder(tmp_path / "test/emu", make_images(2, seed=3))
    refuses(tmp_path, f"{tmp_path}: test has images of class emu, but train has none.")


def test_bad_image_is_named(tmp_path, make_images, write_folder):
    write_folder(tmp_path, make_images(2, size=64))
    bad = tmp_path / "001.png"
    bad.write_bytes(bad.read_bytes()[:3000])
    with pytest.raises(FewstepError, match=f"^{re.escape(str(bad))}: the image cannot be read"):
        load(tmp_path)


def test_train_and_test_of_other_sizes(tmp_path, make_images, write_folder):
    write_folder(tmp_path / "train", make_images(2))
    write_folder(tmp_path / "test", make_images(2, size=7))
    refuses(tmp_path, f"{tmp_path}: train and test images differ in shape (6 x 6 x 3 and 7 x 7 x 3).")
