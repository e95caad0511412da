"""Input that nobody would call images is prepared or refused in one sentence: nothing else may come out."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import prepare

RNG = np.random.default_rng(0)


def images(count: int, side: int = 6, channels: int = 1) -> np.ndarray:
    return RNG.integers(0, 256, (count, side, side, channels), dtype=np.uint8)


MANY = images(100)
ARRAYS = {  # by the beginning of what is said of them, or None where they are prepared
    "no rows": ({"images": images(0)}, "images holds no images."),
    "one image": ({"images": images(1)}, "1 images are too few to part; give train and test apart."),
    "one pixel": ({"images": images(300, side=1)}, None),
    "no pixels": ({"images": images(50, side=0)}, "images is of shape (50, 0, 0, 1); these images have no pixels."),
    "no channels": ({"images": images(50, channels=0)}, "images is of shape (50, 6, 6, 0); "),
    "a number": ({"images": np.uint8(3)}, "images is uint8 of shape (); images are uint8 [N, H, W, C]."),
    "all black": ({"images": np.zeros_like(MANY)}, "all 100 images are equal; give train and test apart."),
    "two images": (
        {"images": np.repeat(np.arange(2, dtype=np.uint8), 9 * 16).reshape(18, 4, 4, 1)},
        "18 images (2 different ones) are too few to part; give train and test apart."),
    "channels first": ({"images": images(50, channels=3).transpose(0, 3, 1, 2)},
                       "train images are [N, H, W, C]; this looks like [N, C, H, W]."),
    "16 bits": ({"images": MANY.astype(np.uint16)}, "images is uint16 of shape (100, 6, 6, 1); "),
    "records": ({"images": np.zeros(9, [("a", np.uint8)])}, "images is [('a', 'u1')] of shape (9,); "),
    "nothing": ({}, "there is no array images, arr_0 or samples (there are none)."),
    "one class": ({"images": MANY, "labels": np.full(100, 7)}, None),
    "a class for each": ({"images": MANY, "labels": np.arange(100)}, "test has images of class "),
    "truth values": ({"images": MANY, "labels": np.arange(100) > 9}, "labels is bool of shape (100,); "),
    "real numbers": ({"images": MANY, "labels": np.ones(100)}, "labels is float64 of shape (100,); "),
    "words": ({"images": MANY, "labels": np.array(["a", "b"] * 50)}, "labels is <U1 of shape (100,); "),
    "objects": ({"images": MANY, "labels": np.array(["a"] * 100, object)}, "labels cannot be read (Object arrays "),
    "one-hot": ({"images": MANY, "labels": np.eye(100, 3, dtype=int)}, "labels is int64 of shape (100, 3); "),
    "one label": ({"images": MANY, "labels": np.array(3)}, "labels is int64 of shape (); "),
    "no labels": ({"images": MANY, "labels": np.array([], int)}, "labels is int64 of shape (0,); "),
    "unlabelled": ({"images": MANY, "labels": np.arange(100) % 2 - 1}, "train has label -1 at row 0; labels are 0 or "),
    "too large": ({"images": MANY, "labels": np.full(100, 2**64 - 1, np.uint64)}, "labels holds 18446744073709551615"),
}  # fmt: skip


def outcome(spec, tmp_path):
    """What is said of a source, without its path; None where it is prepared."""
    try:
        prepare(spec, tmp_path / "out")
    except FewstepError as error:
        assert "\n" not in str(error)
        return str(error).removeprefix(f"{spec['path']}: ")
    return None


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(tmp_path, name):
    arrays, sentence = ARRAYS[name]
    np.savez(tmp_path / "a.npz", **arrays)
    said = outcome({"source": "npz", "path": str(tmp_path / "a.npz")}, tmp_path)
    assert said is None if sentence is None else said.startswith(sentence)


@pytest.mark.parametrize("source", ["npz", "folder", "parquet"])
@pytest.mark.parametrize("content", [None, b"", b"hello"])
def test_what_is_absent_empty_or_something_else(tmp_path, source, content):
    path = tmp_path / "a"
    if content is not None:
        path.write_bytes(content)
    assert outcome({"source": source, "path": str(path)}, tmp_path)


@pytest.mark.parametrize("source", ["npz", "folder", "parquet"])
def test_an_empty_folder(tmp_path, source):
    (tmp_path / "a").mkdir()
    assert outcome({"source": source, "path": str(tmp_path / "a")}, tmp_path)


COLUMNS = {
    "no rows": ({"image": pa.array([], pa.binary())}, "0 images are too few to part"),
    "no columns": ({}, "there is no column image or img"),
    "numbers": ({"image": [1] * 5}, "row 0 has no image bytes in column image."),
    "paths": ({"image": [{"path": "a.png"}] * 5}, "row 0 has no image bytes in column image."),
    "nulls": ({"image": [{"bytes": None, "path": "a.png"}] * 5}, "row 0 has no image bytes in column image."),
    "lists": ({"image": [[b"a"]] * 5}, "row 0 has no image bytes in column image."),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns(tmp_path, name):
    columns, sentence = COLUMNS[name]
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert outcome({"source": "parquet", "path": str(tmp_path / "a.parquet")}, tmp_path).startswith(sentence)


LABELS = {
    "null": (pa.array([None] * 30, pa.int64()), "row 0 has label None;"),
    "real numbers": (pa.array([1.0] * 30), "row 0 has label 1.0;"),
    "words": (pa.array(["a"] * 30), "row 0 has label a;"),
    "words, encoded": (pa.array(["a"] * 30).dictionary_encode(), "row 0 has label a;"),
    "truth values": (pa.array([True] * 30), "row 0 has label True;"),
    "lists": (pa.array([[1]] * 30), "row 0 has label [1];"),
    "too large": (pa.array([2**64 - 1] * 30, pa.uint64()), "row 0 has label 18446744073709551615;"),
}


@pytest.mark.parametrize("name", LABELS)
def test_columns_of_labels(tmp_path, encode, name):
    labels, sentence = LABELS[name]
    rows = [encode(pixels) for pixels in MANY[:30]]
    pq.write_table(pa.table({"image": rows, "label": labels}), tmp_path / "a.parquet")
    assert outcome({"source": "parquet", "path": str(tmp_path / "a.parquet")}, tmp_path).startswith(sentence)


def test_columns_that_look_like_labels_are_named(tmp_path, encode):
    rows = [encode(pixels) for pixels in MANY[:30]]
    table = pa.table({"img": rows, "fine_label": [1] * 30, "coarse_label": [0] * 30})
    pq.write_table(table, tmp_path / "a.parquet")
    said = outcome({"source": "parquet", "path": str(tmp_path / "a.parquet")}, tmp_path)
    assert said.startswith("fine_label and coarse_label may be labels, but they are read from label alone;")


def test_files_of_no_rows_are_skipped_among_others(tmp_path, encode):
    rows = [encode(pixels) for pixels in MANY[:30]]
    for name, images in (("train-0", rows[:20]), ("train-1", pa.array([], pa.binary())), ("test-0", rows[20:])):
        pq.write_table(pa.table({"image": images}), tmp_path / f"{name}.parquet")
    assert outcome({"source": "parquet", "path": str(tmp_path)}, tmp_path) is None
    for name in ("train-0", "train-1"):
        pq.write_table(pa.table({"image": pa.array([], pa.binary())}), tmp_path / f"{name}.parquet")
    assert outcome({"source": "parquet", "path": str(tmp_path)}, tmp_path).endswith("these files hold no images.")
