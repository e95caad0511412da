"""Files of the project, without running them: what a file's top level defines, imports and runs, and what a name means.

An item is (file, name): a top-level definition or import of a file, or ON_IMPORT, the statements that importing the
file runs for their effect. Names are resolved along the import system: a place is a package (folder) or a module
(file), and `find` walks from a place by attributes to items.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from fewstep.base.codehash.syntax import is_for_typing, is_marked
from fewstep.base.errors import FewstepError

PACKAGE = Path(__file__).resolve().parents[2]
ON_IMPORT = "on import"
_OF_EVERY_MODULE = ("__name__", "__file__", "__doc__", "__package__", "__spec__", "__path__")

Item = tuple[Path, str]
Origin = tuple[Path, tuple[str, ...]]  # a place, and attributes to follow from it


@dataclass
class Module:
    """A parsed file.

    Attributes:
        definitions: statements that define a name; none where the name is bound inside one of `blocks`.
        imports: for each local name, its origins in the project.
        foreign: for each local name of another package, what it is bound to (`scipy.linalg.sqrtm`).
        origins: of every import of the top level, whether or not it binds a name.
        blocks: statements of the top level with others inside (`if`, `try`, `for`, `with`).
        marked: names of definitions with `@no_effect_on_results` (fewstep.base.marks).
    """

    path: Path
    tree: ast.Module
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, list[Origin]] = field(default_factory=lambda: defaultdict(list))
    foreign: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    origins: list[Origin] = field(default_factory=list)
    blocks: list[ast.stmt] = field(default_factory=list)
    marked: set[str] = field(default_factory=set)

    @cached_property
    def unused(self) -> set[str]:
        """Imported names that the file itself does not use: imported for an effect, or to be passed on."""
        return {*self.imports, *self.foreign} - {""}.union(*(facts(node).names for node in self.tree.body))


class Facts(NamedTuple):
    """What stands anywhere inside of a statement: names with the number of their occurrences, and imports."""

    names: Counter[str]
    imports: list[ast.Import | ast.ImportFrom]


@cache
def facts(node: ast.stmt) -> Facts:
    """Walk a statement once; faster than ast.walk, since every file of the project is walked."""
    found, waiting = Facts(Counter(), []), [node]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, ast.Name):
            found.names[inner.id] += 1
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            found.imports.append(inner)
        elif not isinstance(inner, ast.Constant):
            for value in inner.__dict__.values():
                if isinstance(value, list):
                    waiting += [each for each in value if isinstance(each, ast.AST)]
                elif isinstance(value, ast.AST):
                    waiting.append(value)
    return found


@cache
def module_of(path: Path) -> Module:
    """Parse a file; FewstepError if it is absent or no Python."""
    module = Module(path, _parsed(path))
    for node in module.tree.body:
        _add(module, node)
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


def _add(module: Module, node: ast.stmt) -> None:
    """Enter one statement of the top level."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        for name, origin, dotted in bindings(node, module.path):
            if origin is None:
                module.foreign[name].add(dotted)
            else:
                module.imports[name].append(origin)
                module.origins.append(origin)
    elif names := _defined(node):
        for name in names:
            module.definitions.setdefault(name, []).append(node)
        if is_marked(node):
            module.marked.update(names)
    elif not isinstance(node, ast.Expr | ast.Pass) and not is_for_typing(node):
        module.blocks.append(node)
        for inner in _inside(node):  # an import or a definition under `if`, `try` or `with`
            if isinstance(inner, ast.Import | ast.ImportFrom):
                _add(module, inner)
            for name in _defined(inner) if isinstance(inner, ast.stmt) else _stored(inner):
                module.definitions.setdefault(name, [])


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Everything inside of a statement that is in the same scope."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _inside(child)


def _defined(node: ast.stmt) -> list[str]:
    """Names that a statement defines; none for a statement that is run for its effect."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        parts = [inner for target in targets for inner in ast.walk(target)]
        if all(isinstance(part, ast.Name | ast.Tuple | ast.Starred | ast.expr_context) for part in parts):
            return [part.id for part in parts if isinstance(part, ast.Name)]
    return []


def _stored(node: ast.AST) -> list[str]:
    """The name that a loop, a `with` or `:=` binds here."""
    return [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []


def bindings(node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[tuple[str, Origin | None, str]]:
    """Local names of an import in file `path`: each with its origin in the project, or None, and its full name."""
    for alias in node.names:
        dotted = alias.name if isinstance(node, ast.Import) else f"{node.module or ''}.{alias.name}".lstrip(".")
        parts, level = tuple(dotted.split(".")), 0 if isinstance(node, ast.Import) else node.level
        if isinstance(node, ast.ImportFrom) and alias.name == "*":
            parts = parts[:-1]  # the whole module
        origin = _origin(parts, level, path)
        if isinstance(node, ast.ImportFrom) or alias.asname:
            yield alias.asname or alias.name, origin, dotted
        elif origin is None or len(parts) == 1:
            yield parts[0], origin, parts[0]
        else:
            yield parts[0], (origin[0], ()), dotted  # `import a.b` binds a
            yield "", origin, dotted  # and runs a.b


def _origin(parts: tuple[str, ...], level: int, path: Path) -> Origin | None:
    if level:
        return (path.parents[level - 1], parts)
    if parts[0] == PACKAGE.name:
        return (PACKAGE, parts[1:])
    beside = PACKAGE not in path.parents and inside(path.parent, parts[0])  # of a script
    return (path.parent, parts) if beside else None


def source(place: Path) -> Path | None:
    """The file that runs when a place is imported; a method's folder is a package whose own file is method.py."""
    if place.suffix == ".py":
        return place
    return next((file for name in ("__init__.py", "method.py") if (file := place / name).is_file()), None)


@cache
def inside(place: Path, name: str) -> Path | None:
    """The place of this name inside a package."""
    if place.suffix == ".py":
        return None
    file, folder = place / f"{name}.py", place / name
    return folder if next(folder.glob("*.py"), None) else file if file.is_file() else None


def find(place: Path, attributes: tuple[str, ...], within: frozenset[Origin] = frozenset()) -> list[Item]:
    """Items that `place.a.b` stands for, and ON_IMPORT of each module on the way.

    A module without an attribute (it is passed around, or read by `getattr`) and an attribute that is not found in a
    module (`__getattr__`, `globals()`) stand for the whole module.
    """
    if not attributes:
        return whole(place)
    if (place, attributes) in within:
        return []  # two modules that import a name from each other
    within |= {(place, attributes)}
    (name, *others), file, found = attributes, source(place), []
    rest = tuple(others)
    if file is not None:
        module = module_of(file)
        if name in module.definitions or name in module.foreign:
            found.append((file, name))
        for origin in module.imports.get(name, ()):
            start, parts = _beyond(place, name, origin)
            found += find(start, (*parts, *rest), within)
    if inner := inside(place, name):
        found += find(inner, rest, within)
    if not found and name not in _OF_EVERY_MODULE:
        found = whole(place)
    return found if file is None else [*found, (file, ON_IMPORT)]


def _beyond(place: Path, name: str, origin: Origin) -> Origin:
    """`origin`, or what is left of it inside the module `name` of `place` where the import itself leads through it.

    `from pkg.f import f` in the package pkg: its f is bound to what the module pkg.f holds, not to itself.
    """
    here, parts = origin
    for i, part in enumerate(parts):
        inner = inside(here, part)
        if inner is None:
            break
        if (here, part) == (place, name):
            return inner, parts[i + 1 :]
        here = inner
    return origin


def whole(place: Path) -> list[Item]:
    """All that a module, or every module of a package, defines and passes on."""
    files = [place] if place.suffix == ".py" else sorted(place.rglob("*.py"))
    modules = [module_of(file) for file in files]
    return [(m.path, name) for m in modules for name in (ON_IMPORT, *m.definitions, *sorted(m.unused))]


def run_by(origin: Origin) -> Iterator[Path]:
    """Files that an import runs: the packages on the way and the module itself."""
    place, names = origin[0], list(origin[1])
    while place is not None:
        if (file := source(place)) is not None:
            yield file
        place = inside(place, names.pop(0)) if names else None


def resolve(module: Module, chain: tuple[str, ...], local: dict[str, list[Origin]] | None = None) -> list[Item]:
    """Items that a chain of names (a, b, c for a.b.c) stands for in a module, or in a function with `local` imports."""
    if not chain:
        return []
    name, rest = chain[0], chain[1:]
    found = [(module.path, name)] if name in module.definitions else []
    for place, parts in [*(local or {}).get(name, ()), *module.imports.get(name, ())]:
        found += find(place, (*parts, *rest))
    return found


@cache
def named(text: str, path: Path) -> tuple[bool, list[Path]]:
    """Modules that a string in file `path` can name, and whether it is a whole name: otherwise all that begin so."""
    if text.startswith("."):  # relative: in a package of the library, or in the folder of a method
        known = [(f".{name}", file) for name, file in _catalogue(path.parent) if name]
    else:
        known = [(f"{PACKAGE.name}.{name}".rstrip("."), file) for name, file in _catalogue(PACKAGE)]
    exact = [file for name, file in known if name == text or name.startswith(f"{text}.")]
    return bool(exact), exact or [file for name, file in known if name.startswith(text)]


@cache
def _catalogue(folder: Path) -> list[tuple[str, Path]]:
    """(dotted name, file) of every module below a folder."""
    files = sorted(folder.rglob("*.py"))
    names = [".".join(file.relative_to(folder).with_suffix("").parts) for file in files]
    return [(name.removesuffix("__init__").rstrip("."), file) for name, file in zip(names, files, strict=True)]


def label(item: Item) -> str:
    """How an item is called in a digest: independent of where the project lies, and of its packages."""
    file, name = item
    short = PACKAGE in file.parents and file.name != "__init__.py"
    return f"{file.name if short else f'{file.parent.name}/{file.name}'} {name}"
