"""CIFAR-10 from a tiny archive of its on-disk format: five train batches and a test batch of two images."""

import hashlib
import pickle
import re
import socket
import tarfile

import numpy as np
import pytest
from torchvision.datasets import CIFAR10

from fewstep.base.errors import FewstepError
from fewstep.data import load_source


def md5(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


@pytest.fixture
def fake_batches(tmp_path, monkeypatch):
    """Write the batches into tmp_path, with their MD5 sums in torchvision's list, and return the pixels."""
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (12, 3, 32, 32), dtype=np.uint8)
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    for i, name in enumerate(names):
        batch = {"data": pixels[2 * i : 2 * i + 2].reshape(2, -1), "labels": [i % 5, 9]}
        (folder / name).write_bytes(pickle.dumps(batch))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list("abcdefghij")}))
    monkeypatch.setattr(CIFAR10, "train_list", [[name, md5(folder / name)] for name in names[:5]])
    monkeypatch.setattr(CIFAR10, "test_list", [[names[5], md5(folder / names[5])]])
    monkeypatch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": md5(folder / "batches.meta")})
    return pixels.transpose(0, 2, 3, 1)


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    def refuse(*_):
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def load(path, download=False):
    return load_source({"source": "cifar10", "path": str(path), "download": download})


def test_batches_in_path(tmp_path, fake_batches):
    splits = load(tmp_path)
    np.testing.assert_array_equal(splits["train"].images, fake_batches[:10])
    np.testing.assert_array_equal(splits["test"].images, fake_batches[10:])
    np.testing.assert_array_equal(splits["train"].labels, [0, 5, 1, 5, 2, 5, 3, 5, 4, 5])
    assert splits["test"].labels.dtype == np.int64
    assert splits["train"].class_names == tuple("abcdej")  # 5 to 8 have no image here


def test_an_archive_in_path_is_unpacked_without_a_download(tmp_path, fake_batches, monkeypatch):
    root = tmp_path / "root"
    root.mkdir()
    archive = root / CIFAR10.filename
    with tarfile.open(archive, "w:gz") as file:
        file.add(tmp_path / "cifar-10-batches-py", "cifar-10-batches-py")
    monkeypatch.setattr(CIFAR10, "tgz_md5", md5(archive))
    assert len(load(root)["train"]) == 10


def test_absent(tmp_path):
    sentence = f"{tmp_path}: CIFAR-10 is absent or damaged; put cifar-10-python.tar.gz there or set download: true."
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        load(tmp_path)


def test_a_damaged_batch_is_not_unpickled(tmp_path, fake_batches):
    canary = tmp_path / "canary"

    class Payload:
        def __reduce__(self):
            return canary.write_text, ("ran",)

    (tmp_path / "cifar-10-batches-py" / "test_batch").write_bytes(pickle.dumps(Payload()))
    with pytest.raises(FewstepError, match="absent or damaged"):
        load(tmp_path)
    assert not canary.exists()


def test_offline_download(tmp_path):
    with pytest.raises(FewstepError, match=rf"^{re.escape(str(tmp_path))}: CIFAR-10 could not be downloaded \("):
        load(tmp_path, download=True)


def test_default_folder_is_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(FewstepError, match=f"^{re.escape(str(tmp_path / 'fewstep'))}: CIFAR-10 is absent"):
        load_source({"source": "cifar10", "path": None})
