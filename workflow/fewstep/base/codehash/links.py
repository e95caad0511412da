"""From one item to those that it needs, and from the entries of a job to all that it reaches."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fewstep.base.codehash.effects import are_marked, run_on_import
from fewstep.base.codehash.modules import ON_IMPORT, Item, find, label, module_of, named, run_by, whole
from fewstep.base.codehash.reading import Reading
from fewstep.base.codehash.refusals import ANY, Names, met

NONE: Names = frozenset()


@dataclass(frozen=True)
class Link:
    """What an item adds to a digest, the items and the other packages that it needs, and its reading.

    `errors` are classes of errors on whose handlers the reading depends.
    """

    digest: str
    items: frozenset[Item]
    packages: frozenset[str]
    reading: Reading
    errors: Names


def link(item: Item, caught: Names = NONE, read: Names = NONE) -> Link:
    """The link of an item in a job whose code goes on after errors `caught`, and uses the words of errors `read`."""
    first = _link(*item, NONE, NONE)
    if not first.errors or not (caught or read):
        return first
    errors = first.errors
    caught = caught if ANY in caught or ANY in errors else caught & errors
    read = read if met(frozenset(first.reading.worded), read) else NONE
    return _link(*item, caught, read) if caught or read else first


@cache
def _link(path: Path, name: str, caught: Names, read: Names) -> Link:
    module, on_import = module_of(path), name == ON_IMPORT
    nodes = run_on_import(path) if on_import else module.definitions.get(name, ())
    reading = Reading(module, list(nodes), caught, read, shared=on_import)
    lines, items = [reading.text if nodes else ""], {(path, ON_IMPORT)}
    packages, origins = set(reading.foreign), list(reading.origins)
    if on_import:
        origins += module.origins
        packages.update(*(module.foreign[each] for each in module.unused & module.foreign.keys()))
        items.update(*(find(*origin) for origin in module.imports.get("*", ())))
    passed_on = not on_import and name not in module.definitions
    for names in [(name,)] if passed_on else sorted(reading.uses):
        found, foreign = reading.find(names), reading.full_names(names[0])
        others = [label(each) for each in found if each[1] != ON_IMPORT and each[0] != path]
        if others or foreign:
            lines.append(f"{'.'.join(names)}: {sorted({*others, *foreign})}")
        items.update(found)
        packages |= foreign
    if reading.whole:
        items.update(whole(path))
    items.update((file, ON_IMPORT) for origin in origins for file in run_by(origin))
    text = "\n".join([label((path, name)), *lines]) if any(lines) else ""
    digest = text and hashlib.sha256(text.encode()).hexdigest()
    errors = frozenset(reading.refused | reading.worded)
    return Link(digest, frozenset(items), frozenset(packages), reading, errors)


def reached(entries: Iterable[Item], chosen: frozenset[Path], loadable: Iterable[Path]) -> dict[Item, Link]:
    """Every item that the entries need, with its link.

    Args:
        entries: items that count even if they are marked.
        chosen: of the modules that an import by a computed name can name, those that the job imports.
        loadable: files that count if the code loads files by their paths.
    """
    entries, loadable = set(entries), [item for file in loadable for item in whole(file)]
    caught = read = NONE
    while True:
        found = _closure(entries, chosen, loadable, caught, read)
        readings = [each.reading for each in found.values()]
        goes_on = _spread(caught.union(*(r.swallowed for r in readings)), [t for r in readings for t in r.turned])
        words = read.union(*(r.read for r in readings))
        if all(link(item, goes_on, words) is each for item, each in found.items()):
            return found
        caught, read = goes_on, words


def _closure(
    entries: set[Item], chosen: frozenset[Path], loadable: list[Item], caught: Names, read: Names
) -> dict[Item, Link]:
    found: dict[Item, Link] = {}
    waiting = list(entries)
    while waiting:
        item = waiting.pop()
        if item in found or (item not in entries and are_marked([item])):
            continue
        found[item] = here = link(item, caught, read)
        waiting += [each for each in here.items if each not in found]
        for text in here.reading.strings:
            exact, files = named(text, item[0])
            if not exact and not chosen.isdisjoint(files):
                files = chosen.intersection(files)
            waiting += [each for file in files for each in whole(file)]
        if here.reading.loads:
            waiting += loadable
    return found


def _spread(caught: Names, turned: list[tuple[Names, Names]]) -> Names:
    """The classes of errors after which code goes on, with those that are raised again as one of these classes."""
    while more := [before for before, after in turned if met(after, caught) and not before <= caught]:
        caught = caught.union(*more)
    return caught
