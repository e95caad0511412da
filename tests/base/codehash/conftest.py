"""The code of a job of a small project."""

import pytest
from small_project import FILES

from fewstep.base import codehash
from fewstep.base.codehash import modules


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """A function of edits (texts by file) that writes the project and gives the code of its job."""
    monkeypatch.setattr(modules, "PACKAGE", tmp_path / "workflow" / "fewstep")

    def of(edits=(), **arguments):
        for name, text in {**FILES, **dict(edits)}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text, encoding="utf-8")
        codehash.forget()
        return codehash.job_code(tmp_path, "job", **arguments)

    yield of
    codehash.forget()
