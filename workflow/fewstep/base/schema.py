"""Checking what users write against workflow/schemas/: one sentence for the first mistake, defaults filled
in."""

import difflib
import math
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from fewstep.base.errors import FewstepError
from fewstep.base.strict_yaml import read_yaml

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def checked(value: Any, schema: str, prefix: str = "") -> dict[str, Any]:
    """A copy of `value` that fits workflow/schemas/<schema>.schema.yaml, with defaults filled in.

    Args:
        value: what YAML or JSON gave.
        schema: name of the schema.
        prefix: begins the sentence, as "methods/edm/method.yaml: ".

    Raises:
        FewstepError: it does not fit; one sentence that names the dotted key and, of an unknown key, its
            nearest known neighbour.
    """
    rules = load_schema(schema)
    filled = _filled(rules, value, prefix, ())
    errors = list(_validator()(rules).iter_errors(filled))
    if errors:
        # A misspelt key is also a missing one; the misspelling is the better news.
        first = min(errors, key=lambda error: error.validator != "additionalProperties")
        raise FewstepError(prefix + _sentence(first))
    return filled


@cache
def _validator() -> type:
    """Made when it is used: a job that only imports this module does not depend on the version of jsonschema."""
    # JSON Schema takes 3.0 for an integer (range(3.0) does not), and YAML's .nan and .inf for numbers.
    types = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: type(value) is int,
            "number": lambda _, value: type(value) in (int, float) and math.isfinite(value),
        }
    )
    return extend(Draft202012Validator, type_checker=types)


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The schema as a dictionary."""
    return read_yaml(SCHEMAS / f"{name}.schema.yaml")


def suggestion(word: str, known: list[str]) -> str:
    """The end of a sentence: `; did you mean x?` with the nearest known word, or a full stop."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else "."


def _filled(rules: Mapping[str, Any], value: Any, prefix: str, path: tuple[str, ...]) -> Any:
    """Copy `value`, add defaults, and refuse keys that YAML read as numbers or booleans.

    Sections without rules, which are the method's own, may have such keys.
    """
    if isinstance(value, list) and isinstance(rules.get("items"), Mapping):
        return [_filled(rules["items"], item, prefix, (*path, str(index))) for index, item in enumerate(value)]
    named, others = rules.get("properties", {}), rules.get("additionalProperties")
    if not isinstance(value, Mapping) or not (named or others):
        return deepcopy(value)
    for key in value:
        if not isinstance(key, str):
            raise FewstepError(f"{prefix}{_dotted([*path, key])}: a key must be text; put {key} in quotes.")
    defaults = {key: sub["default"] for key, sub in named.items() if "default" in sub}
    return {
        key: _filled(sub if isinstance(sub := named.get(key, others), Mapping) else {}, item, prefix, (*path, key))
        for key, item in {**defaults, **value}.items()
    }


def _dotted(path: Any) -> str:
    return ".".join(str(part) for part in path)


def _sentence(error: ValidationError) -> str:
    rule, value, limit = error.validator, error.instance, error.validator_value
    path = list(error.absolute_path)
    if rule == "additionalProperties":
        known = list(error.schema["properties"])
        key = next(key for key in value if key not in known)
        return f"{_dotted([*path, key])}: there is no such key{suggestion(key, known)}"
    if rule == "required":
        return f"{_dotted([*path, next(key for key in limit if key not in value)])}: this key is missing."
    if "propertyNames" in error.absolute_schema_path:
        path = [*path, value]
    return f"{_dotted(path) or 'top level'}: {_complaint(rule, value, limit)}"


def _complaint(rule: str, value: Any, limit: Any) -> str:
    if rule == "type":
        kinds = " or ".join(_KINDS[kind] for kind in ([limit] if isinstance(limit, str) else limit))
        return f"this must be {kinds}, not {_short(value)}."
    if rule == "enum":
        known = [str(item) for item in limit]
        return f"{_short(value)} is not one of {', '.join(known)}{suggestion(str(value), known)}"
    if rule in ("minimum", "exclusiveMinimum", "maximum"):
        bound = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}[rule]
        return f"this must be {bound} {limit}, not {value}."
    if rule == "pattern":
        marks = ". _ -" if "." in limit else "_ -"
        return f"{_short(value)} is no name; use lower-case letters, digits and {marks} (64 at most)."
    if rule == "uniqueItems":
        return f"{next(item for item in value if value.count(item) > 1)} is listed twice."
    return "this must not be empty."  # minItems, minLength, minProperties


def _short(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
