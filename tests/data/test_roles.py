"""Train, test and validation sets are known by their names, in folders, files and columns alike."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import load_source
from fewstep.data.roles import train_and_test
from fewstep.data.sources import has_labels


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["train", "test"], ("train", "test")),
        (["Test", "Train"], ("Train", "Test")),
        (["training", "testing"], ("training", "testing")),
        (["train", "val"], ("train", "val")),
        (["train", "validation", "test", "extra"], ("train", "test")),
        (["train", "car", "bus"], None),  # a class
        (["valid", "invalid"], None),
        (["test", "val"], None),
        ([], None),
    ],
)
def test_what_names_stand_for(names, chosen):
    assert train_and_test(names, "here") == (chosen and dict(zip(("train", "test"), chosen, strict=True)))


def test_two_names_of_one_role_are_refused():
    with pytest.raises(FewstepError, match=r"^here: val and valid are both for validation; leave one of them\.$"):
        train_and_test(["train", "val", "valid"], "here")


def folder(root, names, make_images, encode):
    for seed, name in enumerate(names):
        (root / name / "cat").mkdir(parents=True)
        for i, pixels in enumerate(make_images(5, seed=seed)):
            (root / name / "cat" / f"{i}.png").write_bytes(encode(pixels))


def npz(root, names, make_images, encode):
    for seed, name in enumerate(names):
        np.savez(root / f"{name}.npz", images=make_images(5, seed=seed), labels=np.zeros(5, int))


def parquet(root, names, make_images, encode):
    for seed, name in enumerate(names):
        images = [encode(pixels) for pixels in make_images(5, seed=seed)]
        pq.write_table(pa.table({"image": images, "label": [0] * 5}), root / f"{name}-00000-of-00001.parquet")


@pytest.mark.parametrize("write", [folder, npz, parquet])
def test_a_validation_set_is_held_out_where_there_is_no_test_set_and_passed_over_where_there_is(
    tmp_path, make_images, encode, write, capsys
):
    spec = {"source": write.__name__, "path": str(tmp_path)}
    write(tmp_path, ["train", "validation"], make_images, encode)
    splits = load_source(spec)
    assert has_labels(spec) and splits["train"].labels.tolist() == [0] * 5
    np.testing.assert_array_equal(splits["train"].images, make_images(5, seed=0))
    np.testing.assert_array_equal(splits["test"].images, make_images(5, seed=1))
    assert f"{tmp_path}: there is no test set; validation is what is held out.\n" in capsys.readouterr().out
    write(tmp_path, ["test"], lambda n, seed: make_images(n, seed=2), encode)
    np.testing.assert_array_equal(load_source(spec)["test"].images, make_images(5, seed=2))
    assert f"{tmp_path}: passed over: validation.\n" in capsys.readouterr().out


def test_a_column_of_splits_follows_the_same_names(tmp_path, make_images, encode, capsys):
    path = tmp_path / "a.parquet"
    images = make_images(6)
    rows = [encode(pixels) for pixels in images]
    pq.write_table(pa.table({"image": rows, "split": ["train", "validation", "test"] * 2}), path)
    splits = load_source({"source": "parquet", "path": str(path)})
    np.testing.assert_array_equal(splits["test"].images, images[[2, 5]])
    assert len(splits["train"]) == 2 and capsys.readouterr().out == f"{path}: passed over: validation.\n"


def test_validation_and_test_alone_are_no_classes(tmp_path, make_images, encode):
    folder(tmp_path, ["val", "test"], make_images, encode)
    sentence = f"{tmp_path}: there is a folder test, but not both train and test."
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        load_source({"source": "folder", "path": str(tmp_path)})
