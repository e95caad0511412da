"""No file of a folder of images is left out without a word, whatever it is called."""

import os
import re

import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import load_source


def load(root):
    return load_source({"source": "folder", "path": str(root)})


def refuses(root, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}"):
        load(root)


@pytest.fixture
def images(tmp_path, make_images, write_folder):
    write_folder(tmp_path, make_images(60))
    return tmp_path


def test_files_of_other_kinds_are_counted_by_their_extension(images, encode, make_images, capsys):
    for i, pixels in enumerate(make_images(30, seed=1)):
        (images / f"x{i}{'.gif' if i % 2 else ''}").write_bytes(encode(pixels))
    (images / ".hidden").write_text("")
    assert sum(map(len, load(images).values())) == 60
    assert capsys.readouterr().out == f"{images}: 30 files passed over: .gif, no extension.\n"


def test_files_of_all_classes_are_counted_together(tmp_path, make_images, write_folder, capsys):
    for seed, name in enumerate(("cat", "dog")):
        write_folder(tmp_path / name, make_images(30, seed=seed))
        (tmp_path / name / "notes.txt").write_text("")
    assert load(tmp_path)["train"].class_names == ("cat", "dog")
    assert capsys.readouterr().out == f"{tmp_path}: 2 files passed over: .txt.\n"


def test_jfif_is_jpeg(images, encode, make_images, capsys):
    for i, pixels in enumerate(make_images(5, seed=1)):
        (images / f"x{i}.jfif").write_bytes(encode(pixels, "JPEG"))
    assert sum(map(len, load(images).values())) == 65 and capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["x.png", "class", "notes.txt"])
def test_a_link_that_leads_nowhere_is_named(images, name):
    (images / name).symlink_to("/nowhere/x.png")
    refuses(images, f"{images}/{name}: this link leads nowhere.")


def test_links_to_images_and_to_class_folders_are_followed(tmp_path, make_images, write_folder):
    for seed, name in enumerate(("cat", "dog")):
        write_folder(tmp_path / "store" / name, make_images(30, seed=seed))
        (tmp_path / "root").mkdir(exist_ok=True)
        (tmp_path / "root" / name).symlink_to(tmp_path / "store" / name)
    assert load(tmp_path / "root")["train"].class_names == ("cat", "dog")


def test_a_class_folder_without_images_is_named(tmp_path, make_images, write_folder):
    write_folder(tmp_path / "cat", make_images(30))
    (tmp_path / "dog").mkdir()
    refuses(tmp_path, f"{tmp_path}/dog: this class folder holds no images (known: .png ")


def test_class_folders_on_one_side_alone_are_refused(tmp_path, make_images, write_folder):
    write_folder(tmp_path / "train" / "cat", make_images(3))
    write_folder(tmp_path / "test", make_images(3, seed=1))
    refuses(tmp_path, f"{tmp_path}/test: there are no class folders here, but beside it there are.")


def test_a_file_that_may_not_be_read_is_named(images, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    refuses(images, f"{images}/000.png: this file cannot be read (Permission denied).")


@pytest.mark.parametrize("name", ["we ird ünï,*[a] {b}", os.fsdecode(b"\xff\xfe")], ids=["spaces", "not UTF-8"])
def test_names_of_any_kind(tmp_path, make_images, write_folder, name):
    write_folder(tmp_path / name / name, make_images(40))
    assert load(tmp_path / name)["train"].class_names == (name,)
    bad = tmp_path / name / name / "bad.png"
    bad.write_bytes(b"")
    with pytest.raises(FewstepError) as caught:
        load(tmp_path / name)
    assert str(caught.value).encode("utf-8").endswith(b"/bad.png: this is not an image in one of the formats PNG, "
                                                      b"JPEG, WEBP, BMP, TIFF, PPM.")  # fmt: skip
