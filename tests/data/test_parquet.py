import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import load_source, parquet
from fewstep.data.parquet import has_labels


def load(path):
    return load_source({"source": "parquet", "path": str(path)})


def refuses(path, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}"):
        load(path)


def write(path, **columns):
    pq.write_table(pa.table(columns), path)


@pytest.fixture
def encoded(make_images, encode):
    return [encode(pixels) for pixels in make_images(6)]


def test_split_column(tmp_path, make_images, encoded):
    path = tmp_path / "a.parquet"
    write(path, image=encoded, label=[3, 5, 4, 4, 5, 3], split=["train", "test"] * 3)
    splits = load(path)
    np.testing.assert_array_equal(splits["train"].images, make_images(6)[::2])
    np.testing.assert_array_equal(splits["test"].labels, [2, 1, 0])
    assert has_labels(path)


def test_hugging_face_struct_in_a_folder_of_parts(tmp_path, make_images, encoded):
    rows = [{"bytes": data, "path": None} for data in encoded]
    write(tmp_path / "train-00000-of-00002.parquet", img=rows[:2], label=[0, 1])
    write(tmp_path / "train-00001-of-00002.parquet", img=rows[2:4], label=[2, 3])
    write(tmp_path / "test-00000-of-00001.parquet", img=rows[4:], label=[3, 0])
    splits = load(tmp_path)
    np.testing.assert_array_equal(splits["train"].images, make_images(6)[:4])
    np.testing.assert_array_equal(splits["train"].labels, [0, 1, 2, 3])
    np.testing.assert_array_equal(splits["test"].labels, [3, 0])
    assert has_labels(tmp_path)


def test_one_file_is_parted_by_hash(tmp_path, make_images, encode):
    path = tmp_path / "a.parquet"
    images = make_images(1100, size=4, channels=1)  # more than one batch of rows
    write(path, image=[encode(pixels) for pixels in images], label=list(range(1100)))
    for split in parquet.load({"path": path}).values():
        np.testing.assert_array_equal(split.images, images[split.labels])


def test_without_labels(tmp_path, encoded):
    path = tmp_path / "a.parquet"
    write(path, image=encoded, split=["train", "test"] * 3)
    assert load(path)["train"].labels is None and not has_labels(path)


def test_missing_and_foreign_files(tmp_path):
    path = tmp_path / "a.parquet"
    refuses(path, f"{path}: there is no such file.")
    path.write_text("hello")
    refuses(path, f"{path}: this is not a parquet file (")
    refuses(tmp_path, f"{tmp_path}: there is no file train*.parquet.")


def test_bad_rows_are_named(tmp_path, encoded):
    path = tmp_path / "a.parquet"
    parts = ["train", "test"] * 3
    write(path, picture=encoded, label=[0] * 6)
    refuses(path, f"{path}: there is no column image or img (there are picture, label).")
    write(path, image=[*encoded[:5], None], split=parts)
    refuses(path, f"{path}: row 5 has no image bytes in column image.")
    write(path, image=["a.png"] * 6, split=parts)
    refuses(path, f"{path}: row 0 has no image bytes in column image.")
    write(path, image=[*encoded[:4], b"hello", encoded[5]], split=parts)
    refuses(path, f"{path} row 4: this is not an image")
    write(path, image=encoded, label=[0, 1, None, 3, 4, 5], split=parts)
    refuses(path, f"{path}: row 2 has label None; labels are whole numbers.")
    write(path, image=encoded, label=[0.5] * 6, split=parts)
    refuses(path, f"{path}: row 0 has label 0.5; labels are whole numbers.")
    write(path, image=encoded, split=["train", "extra"] * 3)
    refuses(path, f"{path}: row 1 has split extra; it must be train, test or validation.")
    write(path, image=encoded, split=["train", None] * 3)
    refuses(path, f"{path}: row 1 has split None; it must be train, test or validation.")
    write(path, image=encoded, split=["train"] * 6)
    refuses(path, f"{path}: column split holds train alone; train and test need rows.")


def test_parts_that_do_not_fit(tmp_path, make_images, encoded, encode):
    write(tmp_path / "test.parquet", image=encoded, label=[0] * 6)
    write(tmp_path / "train-0.parquet", image=encoded, label=[0] * 6)
    write(tmp_path / "train-1.parquet", image=encoded)
    refuses(
        tmp_path,
        f"{tmp_path}/train-1.parquet: of this and {tmp_path}/train-0.parquet only one has the column",
    )
    write(tmp_path / "train-1.parquet", image=[encode(make_images(1, size=7)[0])], label=[0])
    refuses(tmp_path, f"{tmp_path}/train-1.parquet: its images differ in shape from those in {tmp_path}/train-0.")


def test_damage_is_found(tmp_path, make_images, encode):
    path = tmp_path / "a.parquet"
    write(path, image=[encode(pixels) for pixels in make_images(50, size=32)], split=["train", "test"] * 25)
    data = bytearray(path.read_bytes())
    data[10:30] = bytes(20)  # the header of the first page
    path.write_bytes(data)
    with pytest.raises(FewstepError, match=re.escape(str(path))):
        load(path)
