"""What a method's card must say beyond its schema, and which NFE its variants offer."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fewstep.base.errors import FewstepError
from fewstep.base.schema import checked

Nfe = Sequence[int] | Mapping[str, int]
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # dots part names in paths, such as <method>.<variant>.json
TAKEN = ("data", "all")  # in place of a method: real images, and all methods together


def validate_card(card: Any, path: str | Path) -> dict[str, Any]:
    """The card with its defaults filled in.

    Args:
        card: what YAML gave for methods/<name>/method.yaml.
        path: of that file.

    Raises:
        FewstepError: it does not fit workflow/schemas/method.schema.yaml, the folder's name is no name or is taken, an
            NFE range is empty, a variant searches a setting that it also fixes, or a section (of a data set, or of a
            shape) lacks the recipe of a variant or what the method enlarges, fits nothing, has an NFE that no variant
            offers, or recipes that start from each other; the sentence names the file and the dotted key.
    """
    path = Path(path)
    if not _NAME.fullmatch(path.parent.name):
        raise FewstepError(f"{path}: a method's folder is named in lower-case letters, digits and _ - alone.")
    if path.parent.name in TAKEN:
        raise FewstepError(f"{path}: {path.parent.name} is taken: results call real images so.")
    card = checked(card, "method", prefix=f"{path}: ")
    for name, variant in card["variants"].items():
        if not _is_range(variant["nfe"]):
            raise FewstepError(f"{path}: variants.{name}.nfe: max must not be less than min.")
        if fixed := sorted(variant["search"].keys() & variant["sampling"].keys()):
            raise FewstepError(f"{path}: variants.{name}.search.{fixed[0]}: sampling sets it already.")
        for task, offer in variant["edits"].items():
            if not _is_range(offer["nfe"]):
                raise FewstepError(f"{path}: variants.{name}.edits.{task}.nfe: max must not be less than min.")
    sections = {f"datasets.{name}": section for name, section in card["datasets"].items()}
    sections |= {f"shapes.{index}": section for index, section in enumerate(card["shapes"])}
    if not sections:
        raise FewstepError(f"{path}: datasets: there are no recipes, neither here nor in shapes.")
    for key, section in sections.items():
        _check_section(card, section, f"{path}: {key}")
    return card


def _check_section(card: Mapping[str, Any], section: Mapping[str, Any], key: str) -> None:
    """What a data set, or every data set of a shape, is given."""
    for name, variant in card["variants"].items():
        if variant["recipe"] not in section["recipes"]:
            raise FewstepError(f"{key}.recipes: recipe {variant['recipe']} of variant {name} is missing.")
    if "for" in section:
        for name in ("side", "scale"):
            _check_amount(section["for"][name], f"{key}.for.{name}")
        _check_enlarges(card["needs"], section["for"]["scale"], f"{key}.for.scale")
    else:
        _check_enlarges(card["needs"], section["low_resolution"], f"{key}.low_resolution")
    for name, nfes in section["nfe"].items():
        _check_listed(card["variants"], name, nfes, f"{key}.nfe.{name}")
    for name in section["recipes"]:
        _check_start(section["recipes"], name, f"{key}.recipes.{name}.start")


def offered(card: Mapping[str, Any], variant: str, dataset: str) -> Nfe:
    """The `nfe` entry of a variant for a data set: some samplers cost one evaluation for each pixel."""
    return card["datasets"][dataset]["nfe"].get(variant, card["variants"][variant]["nfe"])


def initial_settings(variant: Mapping[str, Any]) -> dict[str, Any]:
    """A variant's sampling settings before any search: of each searched setting the first candidate."""
    return {**variant["sampling"], **{name: values[0] for name, values in variant["search"].items()}}


def offers(nfe: Nfe, value: int) -> bool:
    """Whether a variant with this `nfe` entry offers `value` network evaluations."""
    if isinstance(nfe, Mapping):
        return value in range(nfe["min"], nfe["max"] + 1, nfe["step"])
    return value in nfe


def describe(nfe: Nfe) -> str:
    """The entry in words, as "odd NFE from 3 to 511"."""
    if not isinstance(nfe, Mapping):
        return f"NFE {', '.join(map(str, nfe))}"
    span = f"NFE from {nfe['min']} to {nfe['max']}"
    if nfe["step"] == 1:
        return span
    if nfe["step"] == 2:
        return f"{'odd' if nfe['min'] % 2 else 'even'} {span}"
    return f"{span} in steps of {nfe['step']}"


def _check_amount(entry: Any, key: str) -> None:
    """Refuse a range in which there is no number."""
    if isinstance(entry, Mapping) and entry["to"] // entry["multiple_of"] * entry["multiple_of"] < entry["from"]:
        raise FewstepError(f"{key}: there is no multiple of {entry['multiple_of']} in this range.")


def _check_enlarges(needs: Mapping[str, Any], start: Any, key: str) -> None:
    """A method that starts from smaller images says of what side, or how many times smaller, and no other does."""
    if needs["low_resolution"] and start is None:
        raise FewstepError(f"{key}: this key is missing; needs.low_resolution says that the method starts from it.")
    if start is not None and not needs["low_resolution"]:
        raise FewstepError(f"{key}: needs.low_resolution says that the method starts from no image.")


def _check_start(recipes: Mapping[str, Any], name: str, key: str) -> None:
    """Refuse a chain of `start` that leads nowhere or into itself."""
    passed = [name]
    while start := recipes[passed[-1]].get("start"):
        if start not in recipes:
            raise FewstepError(f"{key}: there is no recipe {start}.")
        if start in passed:
            raise FewstepError(f"{key}: recipes start from each other ({' -> '.join([*passed, start])}).")
        passed.append(start)


def _check_listed(variants: Mapping[str, Any], name: str, nfes: Sequence[int], key: str) -> None:
    """Refuse evaluations of a data set that no variant offers."""
    if name not in variants:
        raise FewstepError(f"{key}: there is no variant {name}.")
    for nfe in nfes:
        if not offers(variants[name]["nfe"], nfe):
            raise FewstepError(f"{key}: variant {name} offers {describe(variants[name]['nfe'])}, not {nfe}.")


def _is_range(nfe: Nfe) -> bool:
    return not isinstance(nfe, Mapping) or nfe["min"] <= nfe["max"]
