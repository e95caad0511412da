"""Weights over HTTP, from a server on this machine."""

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fewstep.base.errors import FewstepError
from fewstep.scoring.extractors.download import download, verify

CONTENT = b"weights" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def url(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "weights.pth").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/weights.pth"
        server.shutdown()
        thread.join()


def test_what_comes_is_kept_and_not_asked_for_again(url, tmp_path):
    path = download(url, DIGEST, tmp_path)
    assert path == tmp_path / "weights.pth"
    assert path.read_bytes() == CONTENT
    modified = path.stat().st_mtime_ns
    assert download(url, DIGEST, tmp_path).stat().st_mtime_ns == modified


def test_a_wrong_checksum_is_an_error_and_leaves_nothing(url, tmp_path):
    with pytest.raises(FewstepError, match=r"weights\.pth"):
        download(url, "0" * 64, tmp_path / "kept")
    assert not list((tmp_path / "kept").iterdir())


def test_a_damaged_copy_is_fetched_again(url, tmp_path):
    (tmp_path / "weights.pth").write_bytes(b"half a file")
    assert download(url, DIGEST, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("break_it", ["path", "port"])
def test_a_failed_download_names_the_address(url, tmp_path, break_it):
    broken = url + ".gz" if break_it == "path" else "http://127.0.0.1:9/weights.pth"
    with pytest.raises(FewstepError, match="could not be had"):
        download(broken, DIGEST, tmp_path)


def test_verify(tmp_path):
    path = tmp_path / "weights.pth"
    with pytest.raises(FewstepError, match=r"weights\.pth: there is no such file"):
        verify(path, DIGEST)
    path.write_bytes(CONTENT)
    assert verify(path, DIGEST) == path
    path.write_bytes(CONTENT[1:])
    with pytest.raises(FewstepError, match=r"weights\.pth: these are other weights"):
        verify(path, DIGEST)
