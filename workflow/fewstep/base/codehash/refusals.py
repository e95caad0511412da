"""When a `raise` refuses input, and no result can depend on it: where no code that a job runs goes on after it.

`if bad: raise Error(...)` decides whether there is a result, not what it is, unless a handler catches the error and
goes on. So the digest collects the classes of errors that the code reached catches, by name, and leaves out such a
statement only if the classes of its error (its own and those that it is built on) are not among them. In the same way
the words of an error count only where a handler reads them. Handlers in other packages are not seen; the errors to
which those give a meaning (StopIteration, KeyError and others of MEANINGFUL) always count.
"""

import ast
import builtins
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from fewstep.base.codehash.modules import ON_IMPORT, Item, module_of, resolve
from fewstep.base.codehash.syntax import chain

ANY = "any"  # in place of the name of a class: errors that are not known
MEANINGFUL = {
    "AttributeError", "EOFError", "GeneratorExit", "ImportError", "KeyboardInterrupt", "LookupError", "NameError",
    "OSError", "StopAsyncIteration", "StopIteration", "SystemExit", "Warning",
}  # fmt: skip
_NO_TEXT = {"errno", "returncode", "code", "lineno", "start", "filename"}  # attributes of errors that are no words

Names = frozenset[str]
Resolve = Callable[[tuple[str, ...]], list[Item]]


def classes(error: ast.expr | None, find: Resolve) -> Names:
    """Names of the class of an error that is raised and of its base classes; {ANY} where they are not known."""
    names = chain(error.func if isinstance(error, ast.Call) else error) if error is not None else None
    if names is None:
        return frozenset({ANY})
    if items := [item for item in find(names) if item[1] != ON_IMPORT]:
        return frozenset.union(*(_lineage(*item) for item in items))
    built_in = getattr(builtins, names[0], None)
    if len(names) == 1 and isinstance(built_in, type) and issubclass(built_in, BaseException):
        return frozenset(c.__name__ for c in built_in.__mro__) - {"object"}
    return frozenset({ANY})


@cache
def _lineage(file: Path, name: str) -> Names:
    module = module_of(file)
    nodes = module.definitions.get(name, ())
    if len(nodes) != 1 or not isinstance(nodes[0], ast.ClassDef) or not nodes[0].bases:
        return frozenset({ANY})
    return frozenset({name}).union(*(classes(base, partial(resolve, module)) for base in nodes[0].bases))


def met(error: Names, handled: Names) -> bool:
    """Whether handlers of these classes may catch an error of these."""
    return bool(handled) and (ANY in handled or ANY in error or bool(error & handled))


def refuses(error: Names, caught: Names) -> bool:
    """Whether raising this error can only end the job, where errors of the classes `caught` are caught."""
    return ANY not in error and not error & MEANINGFUL and not met(error, caught)


def caught_by(kind: ast.expr | None, find: Resolve, foreign: Callable[[str], bool]) -> Names:
    """Names of the classes that `except <kind>` or `suppress(<kind>)` catches.

    Args:
        kind: a class, a tuple of classes, or None for all.
        find: items of the project that a chain of names stands for.
        foreign: whether a local name belongs to another package.
    """
    if kind is None:
        return frozenset({"BaseException"})
    if isinstance(kind, ast.Tuple):
        return frozenset().union(*(caught_by(each, find, foreign) for each in kind.elts))
    names = chain(kind)
    if names is not None and foreign(names[0]):
        return frozenset({names[-1]})
    found = classes(kind, find)
    return found if ANY in found else frozenset({names[-1]})


def goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether a handler may end otherwise than by raising an error."""
    leaves = any(isinstance(inner, ast.Return | ast.Continue | ast.Break) for inner in ast.walk(handler))
    return leaves or not isinstance(handler.body[-1], ast.Raise)


def reads(handler: ast.ExceptHandler, silent: Callable[[ast.stmt], bool]) -> bool:
    """Whether a handler uses its error in another way than to raise, to print, or to look at a number of it."""
    return handler.name is not None and handler.name in map(str, _used(handler, silent))


def _used(node: ast.AST, silent: Callable[[ast.stmt], bool]) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Raise) or (isinstance(child, ast.stmt) and silent(child)):
            continue
        if isinstance(child, ast.Attribute) and isinstance(child.value, ast.Name) and child.attr in _NO_TEXT:
            continue
        if isinstance(child, ast.Name):
            yield child.id
        yield from _used(child, silent)
