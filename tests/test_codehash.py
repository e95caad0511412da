"""The digest of a job's code changes with code that it runs, and with nothing else."""

import pytest

from fewstep import codehash

FILES = {
    "fewstep/__init__.py": "",
    "fewstep/a.py": "from fewstep.sub import b\n\ndef g():\n    return b.h()\n\ndef unused():\n    return 0\n",
    "fewstep/sub/__init__.py": "",
    "fewstep/sub/b.py": "import fewstep.c\nLIMIT = 3\n\ndef h():\n    return fewstep.c.f() + LIMIT\n",
    "fewstep/c.py": "def f():\n    return 1\n",
    "fewstep/other.py": "x = 1\n",
    "scripts/job.py": '"""A job."""\nfrom fewstep import a\n\n\ndef work():\n    """Work."""\n    return a.g()\n',
}

C, OTHER = "fewstep/c.py", "fewstep/other.py"


def forget():
    for cached in (codehash._module, codehash._needs, codehash._wordless):
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
    script = '"""Another sentence."""\nfrom fewstep import a\ndef work():\n    "Do."\n    return a.g()\n'
    assert digest({C: commented}) == digest() == digest({"scripts/job.py": script})


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scripts/job.py", "a.g()", "[a.g()]"),
        ("fewstep/a.py", "b.h()", "-b.h()"),  # called by the script
        ("fewstep/sub/b.py", "LIMIT = 3", "LIMIT = 4"),  # read by what it calls
        ("fewstep/c.py", "return 1", "return 2"),  # and so on
        ("fewstep/c.py", "return 1", 'return "1"'),
        ("fewstep/sub/__init__.py", "", "print()\n"),  # run on the way to a module
        ("fewstep/a.py", "import b\n", "import b\nb.LIMIT += 1\n"),  # run on import
        ("fewstep/a.py", "import b\n", "import b\nif b:\n    b.LIMIT = 2\n"),
    ],
)
def test_code_that_runs_counts(digest, file, old, new):
    assert old in FILES[file]
    assert digest({file: FILES[file].replace(old, new)}) != digest()


def test_code_that_does_not_run_does_not_count(digest):
    assert digest({OTHER: "x = 2\n"}) == digest()
    assert digest({"fewstep/a.py": FILES["fewstep/a.py"].replace("return 0", "return 1")}) == digest()


def test_a_new_import_brings_its_module_in(digest):
    uses = "from fewstep import other\n\ndef f():\n    return other.x\n"
    assert digest({C: uses, OTHER: "x = 2\n"}) != digest({C: uses})


def test_a_name_that_a_package_passes_on_is_followed(digest):
    passes = {
        "fewstep/sub/__init__.py": "from fewstep.other import x\n",
        C: "from fewstep.sub import x\ndef f():\n    return x\n",
    }
    assert digest({**passes, OTHER: "x = 2\n"}) != digest(passes)


def test_a_base_class_a_default_and_a_decorator_count(digest):
    for use in ("class f(x):\n    pass\n", "def f(y=x):\n    pass\n", "@x\ndef f():\n    pass\n", "f = {'a': [x]}\n"):
        uses = {C: "from fewstep.other import x\n" + use}
        assert digest({**uses, OTHER: "x = 2\n"}) != digest(uses)


def test_of_a_file_only_the_functions_that_are_named_count(digest, tmp_path):
    def of(function, text):
        file = tmp_path / "method.py"
        file.write_text(text)
        forget()
        return codehash.code_hash((file, [function]))

    digest()  # writes the package
    text = "from fewstep.other import x\n\ndef train():\n    return 1\n\ndef sample():\n    return x\n"
    edited = text.replace("return x", "return -x")
    assert of("train", text) == of("train", edited) and of("sample", text) != of("sample", edited)


def test_imports_inside_functions_are_followed(digest):
    lazy = "def f():\n    from fewstep.other import x\n    return x\n"
    assert digest({C: lazy, OTHER: "x = 2\n"}) != digest({C: lazy})


def test_strings_that_are_no_docstrings_count(digest):
    assert digest({C: "def f():\n    return 'a'\n"}) != digest({C: "def f():\n    return 'b'\n"})


def test_a_figure_does_not_reach_a_sampler_and_a_solver_does_not_reach_a_figure():
    scripts = codehash.PACKAGE.parent / "scripts"
    sampler = {path.name for path, _ in codehash.reachable(scripts / "sample.py")}
    page = {path.name for path, _ in codehash.reachable(scripts / "write_page.py")}
    assert {"sampling.py", "noise.py", "shards.py", "sample.py"} <= sampler and "page.py" not in sampler
    assert "page.py" in page and not {"solvers.py", "unet.py", "frechet.py"} & page


def test_files_beside_a_method_are_followed(digest, tmp_path):
    digest()
    (tmp_path / "method.py").write_text(
        "from .losses import a\nfrom . import nets\n\ndef train():\n    return a, nets.n\n"
    )

    def of(losses, nets):
        (tmp_path / "losses.py").write_text(losses)
        (tmp_path / "nets.py").write_text(nets)
        forget()
        return codehash.code_hash((tmp_path / "method.py", ["train"]))

    first = of("a = 1\nb = 1\n", "n = 1\nm = 1\n")
    assert first == of("a = 1\nb = 2\n", "n = 1\nm = 2\n")
    assert len({first, of("a = 2\n", "n = 1\n"), of("a = 1\n", "n = 2\n")}) == 3


def test_a_function_of_a_method_is_followed_to_where_it_is_written(digest, tmp_path):
    digest()
    (tmp_path / "method.py").write_text("from .scores import evaluate\n")

    def of(text):
        (tmp_path / "scores.py").write_text(text)
        forget()
        return codehash.code_hash((tmp_path / "method.py", ["evaluate", "absent"]))

    first = of("def evaluate():\n    return 1\n\ndef other():\n    return 1\n")
    assert first == of("def evaluate():\n    return 1\n\ndef other():\n    return 2\n")
    assert first != of("def evaluate():\n    return 2\n\ndef other():\n    return 1\n")


def test_a_module_that_is_left_out_does_not_count_nor_what_it_alone_needs(digest, tmp_path):
    def of(edits=()):
        digest(edits)
        return codehash.code_hash(tmp_path / "scripts" / "job.py", without=[tmp_path / "fewstep" / "sub" / "b.py"])

    assert of() == of({C: "def f():\n    return 2\n"}) != digest()
    assert of() != of({"fewstep/a.py": FILES["fewstep/a.py"].replace("b.h()", "-b.h()")})


def test_names_of_a_file_are_those_that_it_defines_or_imports_from_the_project(tmp_path, digest):
    digest()
    (tmp_path / "scores.py").write_text("x = 1\n")
    file = tmp_path / "method.py"
    file.write_text(
        "import math\nfrom fewstep.c import f\nfrom .scores import x as y\nA, B = 1, 2\n\nclass K:\n    c = 1\n"
    )
    forget()
    assert codehash.names_in(file) == {"f", "y", "A", "B", "K"}
