"""The shape of a source's images, from its first image or header alone."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import load_source
from fewstep.data.sources import first_shape


def folder(path, images, write_folder, encode):
    write_folder(path / "train" / "cat", images)
    write_folder(path / "test" / "cat", images[:2])


def npz(path, images, write_folder, encode):
    for name in ("train", "test"):
        np.savez(path / f"{name}.npz", images=images, labels=np.zeros(len(images), int))


def parquet(path, images, write_folder, encode):
    pq.write_table(pa.table({"img": [encode(image) for image in images]}), path / "train-0.parquet")
    pq.write_table(pa.table({"img": [encode(image) for image in images[:2]]}), path / "test-0.parquet")


WRITE = {"folder": folder, "npz": npz, "parquet": parquet}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("source", WRITE)
def test_it_is_the_shape_of_every_image(tmp_path, make_images, write_folder, encode, source, channels):
    WRITE[source](tmp_path, make_images(5, channels=channels), write_folder, encode)
    spec = {"source": source, "path": str(tmp_path)}
    assert first_shape(spec) == load_source(spec)["train"].images.shape[1:]


@pytest.mark.parametrize("source", WRITE)
def test_what_is_not_there_is_one_sentence(tmp_path, source):
    with pytest.raises(FewstepError, match=f"^{re.escape(str(tmp_path))}.*there (are|is) no .*$"):
        first_shape({"source": source, "path": str(tmp_path)})


def test_no_other_image_of_a_folder_is_read(tmp_path, make_images, write_folder):
    write_folder(tmp_path, make_images(3))
    first, *others = sorted(tmp_path.iterdir())
    for path in others:
        path.write_bytes(b"damaged")
    assert first_shape({"source": "folder", "path": str(tmp_path)}) == make_images(1).shape[1:]
    first.write_bytes(b"damaged")
    with pytest.raises(FewstepError, match=f"^{re.escape(str(first))}: this is not an image"):
        first_shape({"source": "folder", "path": str(tmp_path)})


@pytest.mark.parametrize("array", [np.zeros(3, np.uint8), np.zeros((2, 2, 2, 2, 2), np.uint8)])
def test_an_array_that_holds_no_images_is_named(tmp_path, array):
    np.savez(tmp_path / "a.npz", arr_0=array)
    with pytest.raises(FewstepError, match=rf"a\.npz: arr_0 is of shape {re.escape(str(array.shape))}; images are"):
        first_shape({"source": "npz", "path": str(tmp_path / "a.npz")})


def test_pixels_of_an_archive_are_not_read(tmp_path, make_images):
    path = tmp_path / "a.npz"
    np.savez(path, images=make_images(500))
    whole = path.read_bytes()
    last = whole.index(make_images(500).tobytes()) + make_images(500).nbytes - 1
    path.write_bytes(whole[:last] + bytes([whole[last] ^ 1]) + whole[last + 1 :])  # its checksum is wrong now
    spec = {"source": "npz", "path": str(path)}
    assert first_shape(spec) == make_images(1).shape[1:]
    with pytest.raises(FewstepError, match="images cannot be read"):
        load_source(spec)
