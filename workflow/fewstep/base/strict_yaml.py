"""Reading YAML that people write: what a file says in a way that YAML reads as something else is refused.

YAML 1.1 keeps the last of two equal keys, takes 0100 for 64, 1:30 for 90 and 1_000 for 1000, `no` for false, and 1e-4
and 08 for text. One sentence names the file and the dotted key instead. The file is looked at as a graph of nodes: what
was written is gone once it is loaded.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from fewstep.base.errors import FewstepError

_TAG = "tag:yaml.org,2002:"
_WRITTEN = {  # what a value without quotes looks like, by what it is read as
    "int": r"[-+]?(0|[1-9][0-9]*)",
    "float": r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    "bool": r"true|True|TRUE|false|False|FALSE",
    # Not a number in whatever notation: 1e-4, 1.5e3, 08, 0o17, 12_.
    "str": r"(?![-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?$|[-+]?0[oxb][0-9a-fA-F_]+$).*",
    "null": r".*",
    "merge": r".*",
}
_OTHERWISE = "write a decimal number such as 100 or 1.0e-4, or put text in quotes"


def read_yaml(path: str | Path) -> Any:
    """What a YAML file holds: mappings, lists, text, numbers, true, false and null.

    Raises:
        FewstepError: the file is missing, cannot be read, is no YAML or no UTF-8, has a key twice in one mapping, a
            number that is not written in decimal, another word for true or false, a date, or something that none of
            the above is; one sentence that names the file and the key.
    """
    text = _text(path)
    try:
        if text.lstrip().startswith("{") and _is_json(text):
            return json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, path))
        node = yaml.compose(text, yaml.SafeLoader)
        if node is not None:
            _check(node, path, (), set(), set())
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # a ValueError: a number of more digits than Python reads
        raise FewstepError(f"{path}: this is not valid YAML ({' '.join(str(error).split())}).") from None
    except RecursionError:
        raise FewstepError(f"{path}: this is nested too deeply.") from None


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise FewstepError(f"{path}: this cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise FewstepError(f"{path}: this is not UTF-8 (byte {error.start}).") from None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _unique(pairs: list[tuple[str, Any]], path: str | Path) -> dict[str, Any]:
    """A mapping of JSON, whose keys lie under keys that are not known yet."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise FewstepError(f"{path}: {name}: this key stands twice.")
    return dict(pairs)


def _check(node: yaml.Node, path: str | Path, key: tuple[str, ...], within: set[int], done: set[int]) -> None:
    """Refuse what a node does not say as it is read; an alias is looked at once."""
    where = f"{path}: {'.'.join(key) or 'top level'}"
    if id(node) in within:
        raise FewstepError(f"{where}: this holds itself.")
    if id(node) in done:
        return
    done.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        _check_scalar(node, where)
    elif node.tag not in (f"{_TAG}map", f"{_TAG}seq"):
        raise FewstepError(f"{where}: {node.tag.removeprefix(_TAG)} is neither a mapping nor a list.")
    if isinstance(node, yaml.MappingNode):
        _check_keys(node, path, key)
    for name, child in _children(node):
        _check(child, path, (*key, name), within | {id(node)}, done)


def _check_keys(node: yaml.MappingNode, path: str | Path, key: tuple[str, ...]) -> None:
    seen = set()
    for name, _ in node.value:
        where = f"{path}: {'.'.join((*key, str(name.value)))}"
        if not isinstance(name, yaml.ScalarNode):
            raise FewstepError(f"{path}: {'.'.join(key) or 'top level'}: a key must be text, not a mapping or a list.")
        _check_scalar(name, where)
        if name.value in seen:
            raise FewstepError(f"{where}: this key stands twice.")
        seen.add(name.value)


def _check_scalar(node: yaml.ScalarNode, where: str) -> None:
    kind = node.tag.removeprefix(_TAG)
    if kind == "str" and node.style is not None:  # in quotes
        return
    if kind not in _WRITTEN:
        raise FewstepError(f"{where}: {node.value} is read as a {kind}; put text in quotes.")
    if not re.fullmatch(_WRITTEN[kind], node.value, re.DOTALL):
        read = "text" if kind == "str" else json.dumps(yaml.safe_load(node.value))
        otherwise = "write true or false, or put text in quotes" if kind == "bool" else _OTHERWISE
        raise FewstepError(f"{where}: {node.value} is read as {read}; {otherwise}.")


def _children(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((name.value, child) for name, child in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from ((str(index), child) for index, child in enumerate(node.value))
