"""A digest of just the code that a job runs: its script and every module of the package that it imports.

Snakemake sees an edit of a script, but not of a module that it imports. Rules therefore carry this digest as a
parameter: editing a figure remakes that figure, editing a metric remakes the scores, and neither remakes a sample.
What is hashed is the syntax tree without docstrings: comments, wording and formatting never cost a training run.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def code_hash(*files: str | Path) -> str:
    """Hex digest (16 digits) of the files and of the package modules reachable from them."""
    digest = hashlib.sha256()
    for path in sorted(reachable(*files)):
        digest.update(path.name.encode() + _tree(path).encode())
    return digest.hexdigest()[:16]


def reachable(*files: str | Path) -> set[Path]:
    """The given files and every module of fewstep that they import, directly or not."""
    found: set[Path] = set()
    waiting = [Path(file).resolve() for file in files]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imports(path))
    return found


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


@cache
def _tree(path: Path) -> str:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:]
    return ast.dump(tree)


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    found: list[Path] = []
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            # `from fewstep.a import b` may name a module b or something inside a.
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            found.extend(_module_files(name))
    return tuple(found)


def _module_files(name: str) -> list[Path]:
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
