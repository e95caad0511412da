"""Code that only talks or only refuses does not count, unless what a job makes can depend on it."""

import ast

import pytest

from fewstep.base.codehash.modules import PACKAGE
from fewstep.base.codehash.syntax import is_marked

LIB, JOB = "workflow/fewstep/lib.py", "workflow/scripts/job.py"
HEAD = (
    "import logging\nimport sys\nimport warnings\nfrom dataclasses import dataclass\nfrom typing import TYPE_CHECKING\n"
    "from tqdm import tqdm\nfrom fewstep.base.errors import FewstepError\nfrom fewstep.tools import one, two\n"
    "logger = logging.getLogger(__name__)\nLIMIT = 3\n"
)


def indented(*lines):
    return "".join(f"    {line}\n" for text in lines for line in text.split("\n"))


def function(*lines, arguments="x, y"):
    """The module `lib` with these lines in its function."""
    return {LIB: f"{HEAD}\ndef f({arguments}):\n{indented(*lines)}"}


RETURN = "return x * y"
SAME = {
    "comment and format": (["return x * y"], ["# why", "return ( x*y )  # product"]),
    "docstring": ([RETURN], ['"""Product."""', RETURN]),
    "words of an error": (["raise FewstepError('bad')"], ["raise FewstepError(f'{x} is no good for {y}' + two.g())"]),
    "words of another error": (["raise ValueError('bad')"], ["raise ValueError('worse: %s' % x)"]),
    "words of an error in a branch that counts": (
        ["if x:", "    return y", "raise FewstepError('a')"],
        ["if x:", "    return y", "raise FewstepError('b')"],
    ),
    "an error as a keyword": (["raise FewstepError(text='a')"], ["raise FewstepError(text='b')"]),
    "message of an assertion": (["assert x, 'a'", RETURN], ["assert x, f'b {y}'", RETURN]),
    "assertion": ([RETURN], ["assert len(x) > LIMIT", RETURN]),
    "output": ([RETURN], ["print(f'{x}: {len(y)}', flush=True)", RETURN]),
    "output of errors": ([RETURN], ["print('a', file=sys.stderr)", RETURN]),
    "output under a condition": ([RETURN], ["if len(x) > LIMIT:", "    print(x)", RETURN]),
    "log line": (["logger.info('a')", RETURN], ["logger.warning('b %s', x)", RETURN]),
    "warning": (["warnings.warn('a')", RETURN], ["warnings.warn('b', stacklevel=2)", RETURN]),
    "settings of a progress bar": (
        ["return list(tqdm(x, desc='a', mininterval=2, unit='image'))"],
        ["return list(tqdm(x, desc=f'b {y}', mininterval=5, total=len(x)))"],
    ),
    "texts of a progress bar": (
        ["with tqdm(total=x) as bar:", "    bar.set_postfix_str('a')", "    return y"],
        ["with tqdm(total=y) as bar:", "    bar.set_description(f'{x:.3f}')", "    return y"],
    ),
    "a limit": (
        ["if len(x) > LIMIT:", "    raise FewstepError('few')", RETURN],
        ["if not x or y.max() > 2 * LIMIT:", "    raise FewstepError('few')", RETURN],
    ),
    "a new limit": ([RETURN], ["if x.ndim != 2:", "    raise ValueError(x.ndim)", RETURN]),
    "a limit with an output": ([RETURN], ["if x == y:", "    print(x)", "    raise FewstepError(x)", RETURN]),
    "a limit in an else": (["return x"], ["if len(x) < 5:", "    return x", "else:", "    raise FewstepError('many')"]),
    "a limit before an else": (
        ["if y:", "    return x"],
        ["if x < 1:", "    raise FewstepError('low')", "elif y:", "    return x"],
    ),
    "a limit that names what is bad": (
        [RETURN],
        ["if bad := [v for v in x if v < 0]:", "    raise FewstepError(f'{bad} and {len(bad)} more')", RETURN],
    ),
    "annotation of a variable": (["z = x", "return z"], ["z: list[int] = x", "return z"]),
    "a handler that ends the job": (
        ["try:", "    return x", "except FewstepError:", "    raise SystemExit(1)"],
        ["try:", "    if x > 2:", "        raise FewstepError('a')", "    return x"]
        + ["except FewstepError:", "    raise SystemExit(1)"],
    ),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME.keys())
def test_what_only_talks_or_refuses_does_not_count(digest, before, after):
    assert digest(function(*before)) == digest(function(*after))


CAUGHT = ["try:", "    {}", "    return x", "except {}:", "    return y"]
TEXT = ["try:", "    {}", "except FewstepError as error:", "    return str(error)"]
NUMBER = ["try:", "    {}", "except OSError as error:", "    return error.errno"]


def caught(code, kinds, lines=CAUGHT):
    return [line.format(code) if "{}:" not in line else line.format(kinds) for line in lines]


DIFFERENT = {
    "a default of None": (["return lambda *, x: x"], ["return lambda *, x=None: x"]),
    "a key None": (["return {**x}"], ["return {None: x}"]),
    "a string that is returned": (["return 'a'"], ["return 'b'"]),
    "an f-string that is returned": (["return f'a {x}'"], ["return f'b {x}'"]),
    "the class of an error": (["raise ValueError('a')"], ["raise FewstepError('a')"]),
    "a number of an error": (["raise SystemExit(0)"], ["raise SystemExit(1)"]),
    "a limit that is caught": (
        caught("if x > 2: raise FewstepError('a')", "FewstepError"),
        caught("if x > 3: raise FewstepError('a')", "FewstepError"),
    ),
    "a limit that is caught as a base class": (
        caught("if x > 2: raise ValueError('a')", "(KeyError, Exception)"),
        caught("if x > 3: raise ValueError('a')", "(KeyError, Exception)"),
    ),
    "a limit that is caught as something that is not known": (
        caught("if x > 2: raise ValueError('a')", "y"),
        caught("if x > 3: raise ValueError('a')", "y"),
    ),
    "a limit that is suppressed": (
        [
            "from contextlib import suppress",
            "with suppress(ValueError):",
            "    if x > 2: raise ValueError",
            "    x = 1",
        ],
        [
            "from contextlib import suppress",
            "with suppress(ValueError):",
            "    if x > 3: raise ValueError",
            "    x = 1",
        ],
    ),
    "an assertion that is caught": (
        caught("assert x > 2", "AssertionError"),
        caught("assert x > 3", "AssertionError"),
    ),
    "a condition of an error with a meaning": (
        ["if x > 2: raise StopIteration", RETURN],
        ["if x > 3: raise StopIteration", RETURN],
    ),
    "a condition of an end with success": (["if x > 2: raise SystemExit"], ["if x > 3: raise SystemExit"]),
    "a condition that may have an effect": (
        ["if x.pop() > 2: raise FewstepError", RETURN],
        ["if x: raise FewstepError", RETURN],
    ),
    "a condition that calls code by a harmless name": (
        ["from fewstep.tools.one import g as get", "if get(x) > 2: raise FewstepError", RETURN],
        ["if x: raise FewstepError", RETURN],
    ),
    "a condition whose effect depends on another": (
        ["if x and one.g(): raise FewstepError", RETURN],
        ["if y and one.g(): raise FewstepError", RETURN],
    ),
    "a condition that calls back": (
        ["if max(x, key=one.g) > 2: raise FewstepError", RETURN],
        ["if max(x) > 2: raise FewstepError", RETURN],
    ),
    "a condition whose value is used": (
        ["if (n := len(x)) > 2: raise FewstepError", "return n"],
        ["if (n := len(y)) > 2: raise FewstepError", "return n"],
    ),
    "a refusal that does more": (
        ["if x > 2:", "    y.append(x)", "    raise FewstepError", RETURN],
        ["if x > 3:", "    y.append(x)", "    raise FewstepError", RETURN],
    ),
    "output into a file": (["print('a', file=x)"], ["print('b', file=x)"]),
    "output with an effect": (["print(next(x))", RETURN], ["print(x)", RETURN]),
    "words that a handler reads": (
        caught("raise FewstepError('a')", "", TEXT),
        caught("raise FewstepError('b')", "", TEXT),
    ),
    "what a progress bar goes through": (["return tqdm(x, desc='a')"], ["return tqdm(y, desc='a')"]),
    "what a progress bar goes through by keyword": (["return tqdm(iterable=x)"], ["return tqdm(iterable=y)"]),
}


@pytest.mark.parametrize(("before", "after"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_what_a_result_can_depend_on_counts(digest, before, after):
    assert digest(function(*before)) != digest(function(*after))


def test_an_error_counts_where_any_code_that_is_reached_catches_it(digest):
    """The handler may stand in the script, or turn the error into one that another catches."""
    goes_on = (
        "from fewstep import lib\nfrom fewstep.base.errors import FewstepError\n"
        "try:\n    lib.f()\nexcept {}:\n    print()\n"
    )
    turns = ["try:", "    if x > {}:", "        raise FewstepError", "except FewstepError:", "    raise ValueError"]

    def of(number, kind):
        lines = [line.format(number) for line in turns]
        return digest({**function(*lines), JOB: goes_on.format(kind)})

    assert of(2, "ValueError") != of(3, "ValueError")
    assert of(2, "KeyError") == of(3, "KeyError")


def test_a_handler_that_looks_at_a_number_does_not_read_words(digest):
    assert digest(function(*caught("raise OSError(3, 'a')", "", NUMBER))) == digest(
        function(*caught("raise OSError(3, 'b')", "", NUMBER))
    )


def test_annotations_do_not_count_unless_something_reads_them(digest):
    def of(text, *replaced):
        return digest({LIB: f"{HEAD}from typing import ClassVar, NamedTuple\n\n{text.replace(*replaced)}"})

    plain = "def f(x: int, *, y: one.g = 1) -> int:\n    return x\n"
    assert of(plain, ": int", ": float") == of(plain, ": one.g", "") == of(plain, "-> int", "") == of(plain, "", "")
    assert of(plain, "y: one.g", "z: one.g") != of(plain, "", "")
    fields = "@dataclass(frozen=True)\nclass f:\n    a: int\n    b: int = 1\n"
    assert of(fields, "a: int", "a: str") == of(fields, "", "")
    different = [("b: int", "b: ClassVar[int]"), ("b: int", "b"), ("b: int = 1", "b: int"), ("    a: int\n", "")]
    assert len({of(fields, *change) for change in [("", ""), *different]}) == 5
    read = "from pydantic import BaseModel\nclass f(BaseModel):\n    a: int\n"
    assert of(read, "a: int", "a: str") != of(read, "", "")
    assert of(f"@two.g\n{plain}", ": int", ": float") != of(f"@two.g\n{plain}", "", "")


def test_imports_for_typing_alone_do_not_count(digest):
    lib = function(RETURN)[LIB]
    assert digest({LIB: lib}) == digest(
        {LIB: f"{lib}\nif TYPE_CHECKING:\n    import pandas\n    import fewstep.other\n"}
    )


MARKED = "from fewstep.base.marks import no_effect_on_results\nfrom fewstep.other import x\n@no_effect_on_results\n"


def test_a_marked_function_and_what_it_alone_reaches_do_not_count(digest):
    def of(used, text="def check(value):\n    return value\n", x=1):
        check = {"workflow/fewstep/checks.py": MARKED + text, "workflow/fewstep/other.py": f"x = {x}\n"}
        marks = {"workflow/fewstep/base/marks.py": "def no_effect_on_results(function):\n    return function\n"}
        return digest({**function("from fewstep.checks import check", used), **check, **marks})

    another = "def check(value):\n    if value > x:\n        raise ValueError\n    return value\n"
    assert of("return check(x)") == of("return check(x)", another) == of("return check(x)", another, 2)
    assert of("return check(x)") != of("return check(y)")
    assert of("check(f'{x}')") == of("check('words')") == of("pass") != of("check(x.pop())")


def test_a_marked_function_counts_where_a_job_names_its_file(digest):
    def of(number, **arguments):
        marks = {"workflow/fewstep/base/marks.py": "def no_effect_on_results(function):\n    return function\n"}
        text = f"{MARKED}def check():\n    return {number}\n"
        return digest({"workflow/fewstep/checks.py": text, **marks}, **arguments)

    named = {"also": ["fewstep/checks.py"]}
    assert of(1) == of(2) and of(1, **named) != of(2, **named)


def test_these_functions_of_the_project_have_the_mark():
    """A mark is a promise that no result depends on a function; another one must be as true as these."""
    trees = [(path.stem, ast.parse(path.read_bytes())) for path in PACKAGE.rglob("*.py")]
    marked = {f"{stem}.{node.name}" for stem, tree in trees for node in tree.body if is_marked(node)}
    assert marked == {
        "profile._check_labelled",
        "hook_results.check_images",
        "hook_results.check_scores",
        "hook_results.check_tensor",
        "hook_results.say_if_never_dark",
        "limits.check_known",
        "limits.check_sizes",
        "limits.checked",
        "provenance.record",
        "provenance.save",
        "snapshots.points",
        "snapshots.sampler",
        "snapshots.write",
        "zoo.write_manifest",
    }
