import contextlib
import re
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fewstep.base import archive
from fewstep.base.errors import FewstepError
from fewstep.data import load_source, npz
from fewstep.data.npz import has_labels


def load(path):
    return load_source({"source": "npz", "path": str(path)})


def refuses(path, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}"):
        load(path)


@pytest.mark.parametrize(("image_key", "label_key"), [("images", "labels"), ("arr_0", "arr_1")])
def test_one_file_is_parted_by_hash(tmp_path, make_images, image_key, label_key):
    images = make_images(200)
    np.savez(tmp_path / "a.npz", **{image_key: images, label_key: np.arange(200, dtype=np.int32)})
    splits = npz.load({"path": tmp_path / "a.npz"})
    for split in splits.values():
        assert split.labels.dtype == np.int64
        np.testing.assert_array_equal(split.images, images[split.labels])
    assert has_labels(tmp_path / "a.npz")


def test_folder_of_two_files_and_grey_images_without_a_channel_axis(tmp_path, make_images):
    for name, count in (("train", 5), ("test", 3)):
        np.savez_compressed(tmp_path / f"{name}.npz", images=make_images(count, channels=1)[..., 0])
    splits = load(tmp_path)
    assert splits["train"].images.shape == (5, 6, 6, 1) and splits["test"].images.shape == (3, 6, 6, 1)
    assert splits["train"].labels is None and not has_labels(tmp_path)


def test_missing_file(tmp_path):
    refuses(tmp_path / "a.npz", f"{tmp_path}/a.npz: there is no such file.")


def test_not_an_npz_file(tmp_path):
    path = tmp_path / "a.npz"
    path.write_text("hello")
    refuses(path, f"{path}: this is not an .npz file (")


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": np.zeros(3)}, "there is no array images, arr_0 or samples (there are x)."),
        ({"images": np.zeros((2, 4, 4, 3))},
         "images is float64 of shape (2, 4, 4, 3); images are uint8 [N, H, W, C]."),
        ({"arr_0": np.zeros((2, 48), np.uint8)},
         "arr_0 is uint8 of shape (2, 48); images are uint8 [N, H, W, C]."),
        ({"images": np.zeros((0, 4, 4, 3), np.uint8)}, "images holds no images."),
        ({"images": np.zeros((2, 4, 4, 3), np.uint8), "labels": np.zeros(3, int)},
         "labels is int64 of shape (3,); labels are integers of shape (2,)."),
        ({"images": np.zeros((2, 4, 4, 3), np.uint8), "labels": np.zeros(2)},
         "labels is float64 of shape (2,); labels are integers of shape (2,)."),
        ({"images": np.array([{}, {}], object)}, "images cannot be read (Object arrays cannot be loaded"),
    ],
)  # fmt: skip
def test_wrong_arrays_name_file_and_key(tmp_path, arrays, sentence):
    path = tmp_path / "a.npz"
    np.savez(path, **arrays)
    refuses(path, f"{path}: {sentence}")


def test_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, images=np.zeros((20_000, 32, 32, 3), np.uint8))  # 61 MB from 60 kB
    monkeypatch.setattr(archive, "SMALL_BYTES", 2**20)
    monkeypatch.setattr(np, "load", None)  # reading would fail otherwise
    with pytest.raises(FewstepError, match=r"a.npz: images would unpack from \d+ to \d+ bytes, as a zip bomb does; "):
        load(path)


def test_images_that_pack_well_are_no_bomb(tmp_path):
    masks = (np.random.default_rng(0).random((8000, 64, 64)) < 0.0005).astype(np.uint8) * 255
    np.savez_compressed(tmp_path / "a.npz", images=masks)
    assert (tmp_path / "a.npz").stat().st_size * archive.MAX_RATIO < masks.nbytes
    assert sum(map(len, load(tmp_path / "a.npz").values())) == 8000


def test_total_size_is_bounded(tmp_path, monkeypatch, make_images):
    path = tmp_path / "a.npz"
    np.savez(path, images=make_images(100))
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    with pytest.raises(FewstepError, match="images would unpack to 10928 bytes; the most is 1000"):
        load(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damage_is_found_and_named(tmp_path, make_images, save):
    path = tmp_path / "a.npz"
    save(path, images=make_images(100))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    refuses(path, f"{path}: images cannot be read (")


def test_a_member_that_is_no_array_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("images.npy", b"hello")
    refuses(path, f"{path}: images is not an array.")


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_gives_arrays_or_the_one_exception(tmp_path, make_images, data):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, images=make_images(3))
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    with contextlib.suppress(FewstepError):
        assert all(isinstance(array, np.ndarray) for array in archive.read_arrays(path, ["images"]).values())
