"""A digest of just the code that a job runs: the definitions that its entry points reach, in any module of the package.

Snakemake sees an edit of a script, but not of a module that it imports. Rules therefore carry this digest as a
parameter: editing a figure remakes that figure, editing a metric remakes the scores, editing a solver remakes samples
but trains nothing, although a method's solver and its loss lie in one file.

What is hashed are the syntax trees, without docstrings, of the top-level definitions that are reached by name:
comments, wording and formatting never cost a training run. Statements that a module runs on import (all but
definitions, imports and assignments of a name) count as soon as anything of that module is reached. Code found by other
means than its name (`getattr`, plug-ins, folders that are searched) is not followed: rules list it.
"""

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from fewstep.errors import FewstepError

PACKAGE = Path(__file__).resolve().parent
ON_IMPORT = "on import"  # in place of a name: the statements that a module runs when it is imported
ALL = "all"  # in place of a name: every definition of a module

Reached = set[tuple[Path, str]]  # files and the names of definitions in them


def code_hash(*entries: str | Path | tuple[str | Path, Iterable[str]], without: Iterable[str | Path] = ()) -> str:
    """Hex digest (16 digits) of the code reachable from files, or from (file, names of definitions in it)."""
    digest = hashlib.sha256()
    for path, name in sorted(reachable(*entries, without=without)):
        for node in _module(path).nodes(name):
            digest.update(f"{path.name} {name} {_wordless(node)}\n".encode())
    return digest.hexdigest()[:16]


def reachable(*entries: str | Path | tuple[str | Path, Iterable[str]], without: Iterable[str | Path] = ()) -> Reached:
    """(file, name) of every definition that the entries need, and (file, ON_IMPORT); none of the files `without`."""
    found: Reached = set()
    ignored = {Path(file).resolve() for file in without}
    waiting: list[tuple[Path, str]] = []
    for entry in entries:
        file, names = entry if isinstance(entry, tuple) else (entry, None)
        path = Path(file).resolve()
        for name in _module(path).definitions if names is None else names:
            waiting.extend(_origin(path, name))
        waiting.append((path, ON_IMPORT))
    while waiting:
        item = waiting.pop()
        if item not in found and item[0] not in ignored:
            found.add(item)
            waiting.extend(_needs(*item))
    return found


def names_in(file: str | Path) -> set[str]:
    """Names that the top level of a file defines or imports from the package or from files beside it."""
    module = _module(Path(file).resolve())
    return {*module.definitions, *module.imports}


@dataclass
class _Module:
    """A file's top level: definitions by name, what the names that it imports stand for, and the statements it runs."""

    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, list[tuple[Path, str | None]]] = field(default_factory=lambda: defaultdict(list))
    runs: list[ast.stmt] = field(default_factory=list)

    def nodes(self, name: str) -> list[ast.stmt]:
        return self.runs if name == ON_IMPORT else self.definitions.get(name, [])


@cache
def _module(path: Path) -> _Module:
    module = _Module()
    for node in _parsed(path).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name, origin in _imported(node, path):
                module.imports[name].append(origin)
        elif names := _defined(node):
            for name in names:
                module.definitions.setdefault(name, []).append(node)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            module.runs.append(node)
    return module


def _parsed(path: Path) -> ast.Module:
    """The syntax tree of a file; its bytes say by themselves how they are encoded."""
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such file.") from None
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if getattr(error, "lineno", None) else ""
        raise FewstepError(f"{path}{line}: this is not Python ({getattr(error, 'msg', error)}).") from None


def _defined(node: ast.stmt) -> list[str]:
    """Names that a top-level statement defines; none for a statement that is run for its effect."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [inner for target in targets for inner in ast.walk(target)]
        if all(isinstance(inner, ast.Name | ast.Tuple | ast.expr_context) for inner in names):
            return [inner.id for inner in names if isinstance(inner, ast.Name)]
    return []


@cache
def _needs(path: Path, name: str) -> tuple[tuple[Path, str], ...]:
    module = _module(path)
    needs = [(path, ON_IMPORT)]
    for node in module.nodes(name):
        inside = [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
        lazy = [item for inner in inside for item in _imported(inner, path)]
        for used, attribute in _names(node):
            if used in module.definitions:
                needs.append((path, used))
            origins = [origin for local, origin in lazy if local == used] + module.imports.get(used, [])
            needs.extend(item for file, origin in origins for item in _origin(file, origin or attribute))
    return tuple(needs)


def _names(node: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Names used in a tree, each with the attribute that is taken of it (a.b gives (a, b))."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield node.value.id, node.attr
        return
    if isinstance(node, ast.Name):
        yield node.id, None
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


def _origin(file: Path, name: str | None) -> list[tuple[Path, str]]:
    """What a name of a module stands for: a definition there, or what the module itself imports under that name."""
    module = _module(file)
    if name in module.definitions:
        return [(file, name)]
    if name in module.imports:
        return [item for path, origin in module.imports[name] for item in _origin(path, origin)] + [(file, ON_IMPORT)]
    if name in (None, ALL):
        return [(file, ON_IMPORT), *((file, each) for each in module.definitions)]
    return [(file, ON_IMPORT)]


def _imported(node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[tuple[str, tuple[Path, str | None]]]:
    """Local names of an import in file `path` and what is behind each: (file, name there, or None for the module)."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            # `import fewstep.a` binds `fewstep`: which module a use of it means is not looked into.
            name, files, last = alias.name.partition(".")[0], _files(alias.name), ALL
        else:
            # `from fewstep.a import b` may name a module b or something inside a; so may `from . import b`.
            module, find = node.module or "", partial(_siblings, path.parent) if node.level else _files
            name, files, last = alias.name, find(module), alias.name
            if len(inside := find(f"{module}.{alias.name}".lstrip("."))) > len(files):
                files, last = inside, None
        for file in files:
            yield alias.asname or name, (file, last if file is files[-1] else ON_IMPORT)


def _files(name: str) -> list[Path]:
    """Files that importing `fewstep.x.y` runs: the packages on the way and the module itself."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return []
    files, folder = [PACKAGE / "__init__.py"], PACKAGE
    for part in parts[1:]:
        if (folder / f"{part}.py").exists():
            return [*files, folder / f"{part}.py"]
        folder = folder / part
        if (folder / "__init__.py").exists():
            files.append(folder / "__init__.py")
    return files


def _siblings(folder: Path, name: str) -> list[Path]:
    """The file that a relative import of a method's folder names (methods have no packages inside of theirs)."""
    return [file for file in [folder / f"{name}.py"] if file.exists()]


@cache
def _wordless(node: ast.stmt) -> str:
    """The syntax tree as text, without docstrings."""
    node = ast.parse(ast.unparse(node))
    for inner in ast.walk(node):
        if (
            isinstance(inner, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(inner) is not None
        ):
            inner.body = inner.body[1:]
    return ast.dump(node)
