"""The digest of a job's code changes with code that it runs, by whatever way it is reached, and with nothing else."""

import pytest
from small_project import FILES

from fewstep.base import codehash
from fewstep.base.codehash import modules, versions

LIB, OTHER = "workflow/fewstep/lib.py", "workflow/fewstep/other.py"
ONE, TOOLS = "workflow/fewstep/tools/one.py", "workflow/fewstep/tools/__init__.py"
JOB, METHOD = "workflow/scripts/job.py", "methods/a/method.py"
EDITED = "def g():\n    return 3\n\ndef unused():\n    return 1\n"

REACHED = {
    "by its name": "from fewstep.tools.one import g\ndef f():\n    return g()\n",
    "from a module of a package": "from fewstep import tools\ndef f():\n    return tools.one.g()\n",
    "from a module": "from fewstep.tools import one\ndef f():\n    return one.g()\n",
    "by a dotted import": "import fewstep.tools.one\ndef f():\n    return fewstep.tools.one.g()\n",
    "by a dotted import with a name": "import fewstep.tools.one as t\ndef f():\n    return t.g()\n",
    "by a relative import": "from .tools.one import g\ndef f():\n    return g()\n",
    "by a star": "from fewstep.tools.one import *\ndef f():\n    return g()\n",
    "under try": (
        "try:\n    from fewstep.tools import one\nexcept ImportError:\n    one = None\ndef f():\n    return one.g()\n"
    ),
    "under if": "import sys\nif sys.flags:\n    from fewstep.tools.one import g\ndef f():\n    return g()\n",
    "in a function": "def f():\n    from fewstep.tools.one import g\n    return g()\n",
    "in a function under try": (
        "def f():\n    try:\n        import fewstep.tools.one\n    except ImportError:\n        return 0\n"
        "    return fewstep.tools.one.g()\n"
    ),
    "by import_module": (
        "from importlib import import_module\ndef f():\n    return import_module('fewstep.tools.one').g()\n"
    ),
    "by a relative import_module": (
        "import importlib\ndef f():\n    return importlib.import_module('.tools.one', __package__).g()\n"
    ),
    "by __import__": "def f():\n    return __import__('fewstep.tools.one').tools.one.g()\n",
    "by sys.modules": "import sys\ndef f():\n    return sys.modules['fewstep.tools.one'].g()\n",
    "by a name in a table": (
        "from importlib import import_module\nTABLE = {'a': 'fewstep.tools.one'}\n"
        "def f(k):\n    return import_module(TABLE[k]).g()\n"
    ),
    "by the start of a name": (
        "from importlib import import_module\ndef f(k):\n    return import_module(f'fewstep.tools.{k}').g()\n"
    ),
    "by a sum of names": (
        "from importlib import import_module\ndef f(k):\n    return import_module('fewstep.tools.' + k).g()\n"
    ),
    "by a name from elsewhere": "from importlib import import_module\ndef f(k):\n    return import_module(k).g()\n",
    "by getattr of a module": "from fewstep.tools import one\ndef f(k):\n    return getattr(one, k)()\n",
    "by getattr of a package": "from fewstep import tools\ndef f(k, l):\n    return getattr(getattr(tools, k), l)()\n",
    "from a module in a table": "from fewstep.tools import one\nT = {'one': one}\ndef f(k):\n    return T[k].g()\n",
    "by an attribute that is not seen": "from fewstep.tools import one\ndef f():\n    return one.made_at_run_time()\n",
    "by globals": "from fewstep.tools.one import g\ndef f(k):\n    return globals()[k]()\n",
    "by eval": "from fewstep.tools.one import g\ndef f(k):\n    return eval(k)\n",
    "as a base class": "from fewstep.tools.one import g\nclass f(g):\n    pass\n",
    "as a default": "from fewstep.tools.one import g\ndef f(x=g):\n    return x\n",
    "as a decorator": "from fewstep.tools.one import g\n@g\ndef f():\n    return 1\n",
    "as a part of a constant": "from fewstep.tools.one import g\nf = {'a': [g]}\n",
    "to be replaced": "from fewstep.tools import one\ndef f():\n    one.g = None\n",
}


@pytest.mark.parametrize("lib", REACHED.values(), ids=REACHED.keys())
def test_code_that_is_reached_counts(digest, lib):
    assert digest({LIB: lib}) != digest({LIB: lib, ONE: EDITED})


@pytest.mark.parametrize("how", ["import g", "import g as one", "import *"])
def test_a_package_may_pass_a_function_on_under_the_name_of_its_module(digest, how):
    name = "one" if how.endswith("one") else "g"
    passing = {"workflow/fewstep/tools/__init__.py": f"from fewstep.tools.one {how}\n"}
    for lib in (
        f"from fewstep.tools import {name}\ndef f():\n    return {name}()\n",
        REACHED["from a module of a package"],
    ):
        assert digest({LIB: lib, **passing}) != digest({LIB: lib, ONE: EDITED, **passing})


def test_code_that_is_not_reached_does_not_count(digest):
    for lib in ("def f():\n    return 1\n", REACHED["from a module"], REACHED["from a module of a package"]):
        edited = {LIB: lib, ONE: "def g():\n    return 1\n\ndef unused():\n    return 5\n", OTHER: "x = 2\n"}
        assert digest({LIB: lib}) == digest(edited)


@pytest.mark.parametrize(
    "other",
    [
        "import os\nos.environ['A'] = '{}'\n",
        "from fewstep.tools import two\ntwo.g = {}\n",
        "if True:\n    import os\n    os.umask({})\n",
        "import os\nold = os.umask({})\n",
        "from fewstep.tools.two import g\n@g\ndef registered():\n    return {}\n",
        "from fewstep.tools.two import g\nclass Registered(metaclass=g):\n    number = {}\n",
        "class Base:\n    def __init_subclass__(cls):\n        pass\n\nclass Registered(Base):\n    number = {}\n",
        "from fewstep.tools.two import g\nmade = g({})\n",
    ],
)
def test_a_module_that_is_imported_for_its_effect_counts(digest, other):
    passed_on = {"workflow/fewstep/third.py": "import fewstep.other\ny = 1\n"}
    for first in ("import fewstep.other\n", "from fewstep import other\n", "from fewstep.third import y\n"):
        lib = {LIB: f"{first}def f():\n    return 1\n", **passed_on}
        assert digest({**lib, OTHER: other.format(1)}) != digest({**lib, OTHER: other.format(2)})


def test_what_a_name_stands_for_counts(digest):
    """Another import of a name changes the digest, even where the code reaches both definitions anyway."""
    both = "from fewstep.tools import one, two\n{}\ndef f():\n    return g(), one.g(), two.g()\n"
    seen = [digest({LIB: both.format(f"from fewstep.tools.{name} import g")}) for name in ("one", "two")]
    for line in ("from math import exp as g", "from cmath import exp as g", "from numpy import exp as g"):
        seen.append(digest({LIB: both.format(line)}))
    assert len(set(seen)) == 5


@pytest.mark.parametrize(("old", "new"), [("return lib.f()", "return -lib.f()"), ("return lib.f()", 'return "1"')])
def test_the_script_counts(digest, old, new):
    assert digest({JOB: FILES[JOB].replace(old, new)}) != digest()


def test_of_a_method_the_functions_that_are_called_count_wherever_they_are_written(digest):
    def of(functions, parts="", method=""):
        edits = {"methods/a/parts.py": FILES["methods/a/parts.py"] + parts, METHOD: FILES[METHOD] + method}
        return digest(edits, methods={"a": functions})

    loss = "\ndef loss():\n    return 2\n"
    net = "\ndef net():\n    return 2\n"
    assert of(["build"]) == of(["build"], parts=loss) != of(["build"], parts=net)
    assert of(["build"]) == of(["build"], method="\ndef train():\n    return 2\n") != of(["build", "sample"])
    assert of(["sample"]) == of(["sample"], parts=net) != of(["absent"], parts=net) != of(["absent"])
    assert of(["evaluate"], method="from .parts import loss as evaluate\n") != of(
        ["evaluate"], parts=loss, method="from .parts import loss as evaluate\n"
    )


LOADER = "from importlib.util import spec_from_file_location\ndef f(p):\n    return spec_from_file_location('m', p)\n"


def test_files_that_are_loaded_by_their_paths_are_those_of_the_methods_that_the_job_names_or_of_all(digest):
    edited = {LIB: LOADER, "methods/b/method.py": "def build():\n    return 2\n"}
    assert digest({LIB: LOADER}) != digest(edited)
    assert digest({LIB: LOADER}, methods={"a": ["build"]}) == digest(edited, methods={"a": ["build"]})
    assert digest() == digest({"methods/b/method.py": "def build():\n    return 2\n"})


def test_of_imports_by_a_computed_name_only_those_count_that_the_job_names(digest):
    lib, also = REACHED["by the start of a name"], ["fewstep/tools/two.py"]
    edited = {LIB: lib, "workflow/fewstep/tools/two.py": "def g():\n    return 5\n"}
    assert digest({LIB: lib}, also=also) == digest({LIB: lib, ONE: EDITED}, also=also) != digest(edited, also=also)


def test_files_count_by_their_content(digest, tmp_path):
    file = tmp_path / "settings.json"
    seen = []
    for text in ("1", "2", "1"):
        file.write_text(text)
        seen.append(digest(files=[file]))
    assert seen[0] == seen[2] != seen[1] and seen[0] != digest()


DISTRIBUTIONS = {
    "scipy.linalg": "scipy", "diffusers": "diffusers", "torch_fidelity.metrics": "torch-fidelity", "PIL": "pillow",
    "sklearn.datasets": "scikit-learn", "pandas": "pandas", "torch": "torch", "numpy": "numpy", "yaml": "pyyaml",
}  # fmt: skip


@pytest.mark.parametrize("module", DISTRIBUTIONS)
@pytest.mark.parametrize(
    "lib",
    [
        "import {} as m\ndef f():\n    return m.x\n",
        "import {}\ndef f():\n    return 1\n",  # for its effect
        "def f():\n    from {} import x\n    return x\n",
        "try:\n    from {} import x\nexcept ImportError:\n    x = None\ndef f():\n    return x\n",
        "from importlib import import_module\ndef f():\n    return import_module('{}').x\n",
    ],
)
def test_another_version_of_a_package_counts_where_it_is_imported(digest, monkeypatch, module, lib):
    code = digest({LIB: lib.format(module)})
    without = digest()
    monkeypatch.setattr(versions, "version", lambda name: f"{name} of tomorrow")
    assert f" {DISTRIBUTIONS[module]} " in f" {code} " and digest({LIB: lib.format(module)}) != code
    assert digest() == without and DISTRIBUTIONS[module] not in without


def test_a_package_that_the_reached_code_does_not_use_does_not_count(digest):
    lib = "import math, torch, tqdm\ndef f():\n    return tqdm.tqdm(math.pi)\ndef unused():\n    torch.x()\n"
    assert "torch" not in digest({LIB: lib}) and "tqdm" not in digest({LIB: lib})


def test_names_of_a_file_are_those_that_it_defines_or_imports_from_the_project(digest, tmp_path):
    digest()
    (tmp_path / "scores.py").write_text("x = 1\n")
    file = tmp_path / "method.py"
    file.write_text(
        "import math\nimport fewstep.lib\nfrom fewstep.lib import f\nfrom .scores import x as y\nA, B = 1, 2\n\n"
        "class K:\n    c = 1\n\nif A:\n    def evaluate():\n        d = 1\n"
    )
    codehash.forget()
    assert codehash.names_in(file) >= {"f", "y", "A", "B", "K", "evaluate", "fewstep"}
    assert not codehash.names_in(file) & {"math", "c", ""}


def test_in_this_project_a_figure_does_not_reach_a_sampler_and_a_solver_does_not_reach_a_figure():
    scripts = modules.PACKAGE.parent / "scripts"
    sampler = {path.name for path, _ in codehash.reachable(scripts / "sample.py")}
    page = {path.name for path, name in codehash.reachable(scripts / "write_page.py") if name != modules.ON_IMPORT}
    assert {"cells.py", "conditions.py", "noise.py", "shards.py", "sample.py"} <= sampler and "page.py" not in sampler
    assert "page.py" in page and not {"solvers.py", "unet.py", "frechet.py"} & page
