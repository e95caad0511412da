"""The digest of a job's code changes with code that it runs, and with nothing else."""

import pytest

from fewstep import codehash

FILES = {
    "fewstep/__init__.py": "",
    "fewstep/a.py": "from fewstep.sub import b\n",
    "fewstep/sub/__init__.py": "",
    "fewstep/sub/b.py": "import fewstep.c\n",
    "fewstep/c.py": "def f():\n    return 1\n",
    "fewstep/other.py": "x = 1\n",
    "scripts/job.py": '"""A job."""\nfrom fewstep import a\n\n\ndef work():\n    """Work."""\n    return a\n',
}

C, OTHER = "fewstep/c.py", "fewstep/other.py"


def forget():
    for cached in (codehash._parsed, codehash._tree, codehash._imports):
        cached.cache_clear()


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """A function that writes FILES with some edits and gives the digest of the job in them."""
    monkeypatch.setattr(codehash, "PACKAGE", tmp_path / "fewstep")

    def of(edits=()):
        for name, text in {**FILES, **dict(edits)}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        forget()
        return codehash.code_hash(tmp_path / "scripts" / "job.py")

    yield of
    forget()


def test_words_do_not_count(digest):
    commented = "# why\ndef f():\n    '''Docstring.'''\n\n    return   1  # one\n"
    script = '"""Another sentence."""\nfrom fewstep import a\ndef work():\n    "Do."\n    return a\n'
    assert digest({C: commented}) == digest() == digest({"scripts/job.py": script})


@pytest.mark.parametrize(
    "edit",
    [
        {"scripts/job.py": "from fewstep import a\n\ndef work():\n    return [a]\n"},
        {"fewstep/a.py": "from fewstep.sub import b\ny = 0\n"},  # imported by the script
        {"fewstep/sub/b.py": "import fewstep.c\nz = 0\n"},  # imported by what it imports
        {"fewstep/c.py": "def f():\n    return 2\n"},  # and so on
        {"fewstep/sub/__init__.py": "q = 0\n"},  # run on the way to a module
        {"fewstep/c.py": 'def f():\n    return "1"\n'},
    ],
)
def test_code_that_runs_counts(digest, edit):
    assert digest(edit) != digest()


def test_code_that_does_not_run_does_not_count(digest):
    assert digest({OTHER: "x = 2\n"}) == digest()


def test_a_new_import_brings_its_module_in(digest):
    before = digest({C: "from fewstep import other\n"})
    assert digest({C: "from fewstep import other\n", OTHER: "x = 2\n"}) != before


def test_imports_inside_functions_are_followed(digest):
    lazy = "def f():\n    from fewstep.other import x\n    return x\n"
    assert digest({C: lazy, OTHER: "x = 2\n"}) != digest({C: lazy})


def test_strings_that_are_no_docstrings_count(digest):
    assert digest({C: "MESSAGE = 'a'\n"}) != digest({C: "MESSAGE = 'b'\n"})


def test_a_figure_does_not_reach_a_sampler_and_a_solver_does_not_reach_a_figure():
    scripts = codehash.PACKAGE.parent / "scripts"
    sampler = {path.name for path in codehash.reachable(scripts / "sample.py")}
    page = {path.name for path in codehash.reachable(scripts / "write_page.py")}
    assert {"sampling.py", "noise.py", "shards.py", "sample.py"} <= sampler and "page.py" not in sampler
    assert "page.py" in page and not {"solvers.py", "unet.py", "frechet.py"} & page
