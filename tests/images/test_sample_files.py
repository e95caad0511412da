"""Sample sets of others: what is read, in which order, and the one sentence that refuses a set."""

import os
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from sample_sets import encoded, images_of, most_bytes, refuses, whole, write_folder, write_zip

from fewstep.base.errors import FewstepError
from fewstep.images.sample_files import fingerprint, open_samples, require_alike
from fewstep.images.sample_files import image_files as pictures


@pytest.fixture(params=["folder", "zip"])
def write(request, tmp_path):
    """A function that writes files by name, as a folder and as a .zip file."""
    if request.param == "folder":
        return lambda files: write_folder(tmp_path / "a", files)
    return lambda files: write_zip(tmp_path / "a.zip", files)


@pytest.mark.parametrize("size", [1, 4, 12, 50])
def test_pixels_come_back_exactly_in_natural_order_whatever_the_batch(write, size):
    images = images_of(12)
    path = write({f"{i}.png": encoded(images[i]) for i in (11, 3, 0, 1, 2, 10, 4, 5, 6, 7, 8, 9)})
    samples = open_samples(path)
    assert len(samples) == 12 and samples.shape == (6, 6, 3) and not samples.has_labels
    np.testing.assert_array_equal(whole(samples, size)[0], images)
    assert [len(images) for images, _ in samples.batches(size)] == [min(size, 12 - s) for s in range(0, 12, size)]


@pytest.mark.parametrize(("file_format", "ending"), [("PNG", "PNG"), ("PPM", "ppm"), ("WEBP", "webp"), ("BMP", "bmp")])
def test_formats_that_lose_nothing(write, file_format, ending):
    images = images_of(2, channels=3)
    options = {"lossless": True} if file_format == "WEBP" else {}
    files = {}
    for i in range(2):
        buffer = BytesIO()
        Image.fromarray(images[i]).save(buffer, file_format, **options)
        files[f"{i}.{ending}"] = buffer.getvalue()
    np.testing.assert_array_equal(whole(open_samples(write(files)))[0], images)


def test_grey_images_have_one_channel(write):
    images = images_of(3, channels=1)
    samples = open_samples(write({f"{i}.png": encoded(images[i]) for i in range(3)}))
    assert samples.shape == (6, 6, 1)
    np.testing.assert_array_equal(whole(samples)[0], images)


def test_two_or_more_sub_folders_are_classes_however_deep_their_files_lie(write):
    images = images_of(4)
    names = ("all/dog/1.png", "all/cat/x/2.png", "all/cat/10.png", "all/dog/0.png")
    samples = open_samples(write({name: encoded(images[i]) for i, name in enumerate(names)}))
    assert samples.class_names == ("cat", "dog")
    found, labels = whole(samples, 3)
    np.testing.assert_array_equal(found, images[[2, 1, 3, 0]])
    assert labels.tolist() == [0, 0, 1, 1] and labels.dtype == np.int64


def test_one_sub_folder_is_no_class(write):
    samples = open_samples(write({"samples/1.png": encoded(images_of(1)[0])}))
    assert not samples.has_labels and samples.class_names is None


def test_folders_have_the_labels_of_the_real_images_classes(write, capsys):
    path = write({f"{name}/1.png": encoded(images_of(1)[0]) for name in ("dog", "cat")})
    samples = open_samples(path, ["ant", "cat", "dog"])
    assert samples.labels.tolist() == [1, 2] and samples.class_names == ("ant", "cat", "dog")
    assert open_samples(path, ()).labels is None
    refuses(f"{path}: cat is none of the classes of the real images (ant, dog).", path, ["ant", "dog"])
    assert open_samples(path, ["0", "1"]).labels is None
    assert "are no classes of the real images, so there are no labels." in capsys.readouterr().out


def test_an_image_beside_class_folders_is_refused(write):
    path = write({name: encoded(images_of(1)[0]) for name in ("a/1.png", "b/1.png", "grid.png")})
    refuses("grid.png: this image lies beside class folders, so it has no label.", path)


def test_other_and_hidden_files_are_passed_over(write, capsys):
    image = encoded(images_of(1)[0])
    path = write({"1.png": image, "log.txt": b"", "x": b"", ".2.png": image, "__MACOSX/._1.png": b"x"})
    assert len(open_samples(path)) == 1
    assert capsys.readouterr().out == f"{path}: 2 files passed over: .txt, no extension.\n"


def test_no_images_at_all(write):
    path = write({"notes.txt": b""})
    refuses(f"{path}: there are no images here (known: .png ", path)


@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        (encoded(images_of(1, side=7)[0]), "height x width x channels is 7 x 7 x 3, but 6 x 6 x 3 in "),
        (encoded(images_of(1, channels=1)[0]), "height x width x channels is 6 x 6 x 1, but 6 x 6 x 3 in "),
        (encoded(images_of(1, side=64)[0])[:-200], "the image cannot be read ("),
        (b"hello", "this is not an image in one of the formats "),
        (b"", "this is not an image in one of the formats "),
    ],
    ids=["size", "mode", "truncated", "no image", "empty"],
)
def test_an_image_that_does_not_fit_is_named(write, odd, sentence):
    files = {f"{i}.png": encoded(image) for i, image in enumerate(images_of(5))}
    path = write(files | {"3.png": odd})
    assert len(open_samples(path)) == 5
    refuses(f"3.png: {sentence}", path)


def test_alpha_is_dropped_where_it_is_opaque_and_refused_where_it_is_not(write):
    pixels = images_of(1, channels=4)[0]
    pixels[..., 3] = 255
    opaque = encoded(pixels)
    np.testing.assert_array_equal(whole(open_samples(write({"1.png": opaque})))[0][0], pixels[..., :3])
    pixels[0, 0, 3] = 0
    refuses(
        "2.png: some pixels are transparent; make the image opaque.", write({"1.png": opaque, "2.png": encoded(pixels)})
    )


def test_links_are_read_as_images_and_end_where_they_run_in_circles(tmp_path):
    image = encoded(images_of(1)[0])
    root = write_folder(tmp_path / "a", {"1.png": image})
    (tmp_path / "elsewhere.png").write_bytes(image)
    (root / "2.png").symlink_to(tmp_path / "elsewhere.png")
    (root / "again").symlink_to(root)
    assert len(open_samples(root)) == 2
    (root / "3.png").symlink_to("/nowhere.png")
    refuses(f"{root}/3.png: this is no ordinary file, or a link that leads nowhere.", root)
    (root / "3.png").unlink()
    (root / "3.png").symlink_to("/dev/zero")
    refuses(f"{root}/3.png: this is no ordinary file, or a link that leads nowhere.", root)
    (root / "3.png").unlink()
    (root / "3.png").symlink_to("/etc/passwd")
    refuses(f"{root}/3.png: this is not an image in one of the formats ", root)


def test_names_in_a_zip_lead_nowhere(tmp_path):
    images = images_of(2)
    path = write_zip(tmp_path / "a.zip", {"../../x.png": encoded(images[0]), "/y.png": encoded(images[1])})
    assert len(whole(open_samples(path))[0]) == 2
    assert list(tmp_path.rglob("*")) == [path]


def test_an_image_file_that_is_too_large_is_not_read(write, monkeypatch):
    path = write({f"{i}.png": encoded(image) for i, image in enumerate(images_of(2))} | {"2.png": bytes(10_000)})
    monkeypatch.setattr(pictures, "MAX_FILE", 5000)
    sentence = (
        "10000 bytes are too many for one image." if path.is_dir() else "would unpack to 10000 bytes; the most is"
    )
    refuses(sentence, path)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x05\x06" + bytes(10)])
def test_what_is_no_zip(tmp_path, data):
    (tmp_path / "a.zip").write_bytes(data)
    refuses(f"{tmp_path}/a.zip: this is not a .zip file (", tmp_path / "a.zip")


def test_damage_in_a_zip_names_the_file_in_it(tmp_path):
    path = write_zip(tmp_path / "a.zip", {f"{i}.png": encoded(image) for i, image in enumerate(images_of(3))}, 0)
    data = bytearray(path.read_bytes())
    data[data.index(b"1.png") + 60] ^= 0xFF
    path.write_bytes(data)
    refuses(f"{path}: 1.png cannot be read (Bad CRC-32", path)


@pytest.mark.parametrize("name", ["a.tar", "a.png", "a"])
def test_files_of_other_kinds(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    refuses(f"{tmp_path}/{name}: images are read from a folder, a .zip file or an .npz file.", tmp_path / name)
    refuses(f"{tmp_path}/gone.npz: there is no such file or folder.", tmp_path / "gone.npz")


def test_no_more_than_a_batch_of_files_is_held(write):
    samples = open_samples(write({f"{i}.png": encoded(image) for i, image in enumerate(images_of(300, side=64))}))
    assert most_bytes(samples) < 2e6  # of 3.7 MB


def test_a_set_is_known_by_its_bytes_and_by_where_they_lie_in_it(tmp_path):
    files = {f"{name}/{i}.png": encoded(images_of(1, seed=i)[0]) for name in "ab" for i in range(3)}
    first, second = (write_folder(tmp_path / name, files) for name in ("x", "y"))
    os.utime(second / "a" / "0.png", (1, 1))
    before = fingerprint(first)
    assert before == fingerprint(second)
    (second / "a" / "0.png").rename(second / "b" / "9.png")
    assert fingerprint(second) != before
    (first / "a" / "0.png").write_bytes(encoded(images_of(1, seed=9)[0]))
    assert fingerprint(first) != before
    path = tmp_path / "a.npz"
    np.savez(path, arr_0=images_of(3))
    before = fingerprint(path)
    np.savez(path, arr_0=images_of(3, seed=1))
    assert fingerprint(path) != before


def test_samples_must_have_the_real_images_shape(tmp_path):
    np.savez(tmp_path / "a.npz", arr_0=images_of(3))
    samples = open_samples(tmp_path / "a.npz")
    require_alike(samples, [6, 6, 3], "real")
    with pytest.raises(FewstepError, match="a.npz: height x width x channels is 6 x 6 x 3, but 6 x 6 x 1 in real."):
        require_alike(samples, (6, 6, 1), "real")
