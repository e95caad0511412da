"""A digest of just the code that a job runs: the definitions that its entry points reach, in any module of the project.

Snakemake sees an edit of a script, but not of a module that it imports. Rules therefore carry this digest as a
parameter: editing a figure remakes that figure, editing a metric remakes the scores, editing a solver remakes samples
but trains nothing, although a method's solver and its loss lie in one file.

It fails closed: what cannot be followed by name counts as a whole. A module that is passed around or read by `getattr`,
an attribute that a module does not show, `globals()` and `exec`: the whole module. An import by a computed name: every
module whose name begins with the literal part, or those of them that the job names in `also`. Files that are loaded by
their path: those of the methods that the job names, or of all. Statements that a module runs on import count as soon as
a module that is reached imports it, for whatever reason. The digest ends in the versions of the packages that the code
reached imports.

It leaves out what is for people: comments, docstrings, annotations, formatting, the words of errors, output and log
lines, the settings of progress bars. It leaves out checks: an `if` whose body raises an error that no code reached
catches, and functions with `@no_effect_on_results` (fewstep.base.marks). `refusals` and `effects` state what that
assumes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from fewstep.base.codehash import effects, links, modules, refusals, versions
from fewstep.base.codehash.modules import ON_IMPORT, Item, find, module_of, whole

Entry = str | Path | tuple[str | Path, Iterable[str]]


def job_code(
    root: str | Path,
    script: str,
    methods: Mapping[str, Iterable[str]] | None = None,
    also: Iterable[str] = (),
    files: Iterable[str | Path] = (),
) -> str:
    """What a job's code is: a digest, those of files that count like code, and versions of packages, in one line.

    Args:
        root: of the project.
        script: name of a file of workflow/scripts, without its suffix, or a module of the library below workflow/.
        methods: for each method whose code the job loads, the functions that it calls.
        also: modules that the job imports by a computed name, below workflow/ (fewstep/data/digits.py).
        files: of which the content counts, such as those that cards name.
    """
    named = {name: tuple(functions) for name, functions in (methods or {}).items()}
    code = _job_code(Path(root).resolve(), script, tuple(named.items()), tuple(also))
    return " ".join([code[0], *map(_content, files), *code[1:]])


def _content(path: str | Path) -> str:
    """Hex digest of a file's bytes, without numpy, which fewstep.base.files would import."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _job_code(
    root: Path, script: str, methods: tuple[tuple[str, tuple[str, ...]], ...], also: tuple[str, ...]
) -> tuple[str, ...]:
    workflow, folder = root / "workflow", root / "methods"
    entries = [(folder / name / "method.py", functions) for name, functions in methods]
    chosen = [workflow / path for path in also]
    loadable = () if methods else sorted(folder.rglob("*.py"))
    start = workflow / (script if script.endswith(".py") else f"scripts/{script}.py")
    return code_hash(start, *entries, *chosen, chosen=chosen, loadable=loadable)


def code_hash(*entries: Entry, chosen: Iterable[Path] = (), loadable: Iterable[Path] = ()) -> tuple[str, ...]:
    """Hex digest (16 digits) of the code reachable from files, or from (file, names in it), and versions of packages.

    Args:
        entries: where the code begins.
        chosen, loadable: see `fewstep.base.codehash.links.reached`.
    """
    found = reachable(*entries, chosen=chosen, loadable=loadable)
    digest = hashlib.sha256("\n".join(sorted(each.digest for each in found.values())).encode())
    packages = {name for each in found.values() for name in each.packages}
    return (digest.hexdigest()[:16], *versions.versions(packages))


def reachable(*entries: Entry, chosen: Iterable[Path] = (), loadable: Iterable[Path] = ()) -> dict[Item, links.Link]:
    """(file, name) of every definition that the entries need, and (file, ON_IMPORT) of what importing files runs."""
    items: list[Item] = []
    for entry in entries:
        file, names = entry if isinstance(entry, tuple) else (entry, None)
        path = Path(file).resolve()
        items += whole(path) if names is None else [item for name in names for item in find(path, (name,))]
        items.append((path, ON_IMPORT))
    return links.reached(items, frozenset(Path(file).resolve() for file in chosen), loadable)


def names_in(file: str | Path) -> set[str]:
    """Names that the top level of a file defines or imports from the package or from files beside it."""
    module = module_of(Path(file).resolve())
    return {*module.definitions, *module.imports} - {"", "*"}


def forget() -> None:
    """Read every file again, which tests change."""
    for cached in (
        _job_code, modules.module_of, modules.facts, modules.inside, modules.named, modules._catalogue,
        effects.run_on_import, links._link, refusals._lineage, versions._of,
    ):  # fmt: skip
        cached.cache_clear()
