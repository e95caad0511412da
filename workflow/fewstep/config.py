"""The profile that the user writes: checked against the schema and the methods' cards before any job starts.

The Snakefile calls this while it is parsed, so only the standard library, yaml and jsonschema are imported.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fewstep.cards import TEACHER_RECIPE
from fewstep.errors import FewstepError
from fewstep.method_card import describe, offered, offers
from fewstep.schema import checked, suggestion

FILE_SOURCES = ("folder", "npz", "parquet")  # these read `path`; the others bring their images along


class Cell(NamedTuple):
    """One sampler setting to compare; its seeds and counts stand in the data set's section."""

    dataset: str
    method: str
    variant: str
    nfe: int


def load(raw: Any, cards: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The profile with its defaults filled in.

    Args:
        raw: what YAML gave (Snakemake's `config`); it is not changed.
        cards: cards by method name, from `fewstep.cards.discover`.

    Raises:
        FewstepError: a wrong key, method, variant, NFE, data set, path or size; one sentence that names the
            dotted key.
    """
    config = checked(raw, "config")
    for name, section in config["datasets"].items():
        key = f"datasets.{name}"
        _check_sizes(section, key)
        _check_paths(section, key)
        for comparison, nfes in section["compare"].items():
            _check_comparison(comparison, nfes, name, section, cards, f"{key}.compare.{comparison}")
        if "study" in section:
            _check_study(section["study"], section["compare"], f"{key}.study")
    return config


def cells(config: Mapping[str, Any]) -> list[Cell]:
    """Every (dataset, method, variant, NFE) of a loaded profile, in the profile's order."""
    return [
        Cell(dataset, *comparison.split("/"), nfe)
        for dataset, section in config["datasets"].items()
        for comparison, nfes in section["compare"].items()
        for nfe in nfes
    ]


def _check_sizes(section: Mapping[str, Any], key: str) -> None:
    count = section["samples"]["count"]
    for neighbours in ("precision_recall_k", "density_coverage_k"):
        if section["scores"][neighbours] >= count:
            raise FewstepError(
                f"{key}.scores.{neighbours}: {section['scores'][neighbours]} nearest neighbours need more"
                f" than {count} samples."
            )


def _check_paths(section: Mapping[str, Any], key: str) -> None:
    source, path = section["source"], section["path"]
    if source in FILE_SOURCES:
        if path is None:
            raise FewstepError(f"{key}.path: source {source} needs a path.")
        _check_readable(path, f"{key}.path")
        if source == "folder" and not Path(path).is_dir():
            raise FewstepError(f"{key}.path: {path} is a file, but source folder reads a folder.")
    elif path is not None and source != "cifar10":
        raise FewstepError(f"{key}.path: source {source} takes no path.")
    if section["download"] and source != "cifar10":
        raise FewstepError(f"{key}.download: source {source} is never downloaded.")
    if section["scores"]["extractor_weights"] is not None:
        _check_readable(section["scores"]["extractor_weights"], f"{key}.scores.extractor_weights")


def _check_readable(path: str, key: str) -> None:
    if not os.path.exists(path):
        raise FewstepError(f"{key}: {path} does not exist.")
    if not os.access(path, os.R_OK | (os.X_OK if os.path.isdir(path) else 0)):
        raise FewstepError(f"{key}: {path} may not be read.")


def _check_comparison(
    comparison: str,
    nfes: list[int],
    dataset: str,
    section: Mapping[str, Any],
    cards: Mapping[str, Mapping[str, Any]],
    key: str,
) -> None:
    method, _, variant = comparison.partition("/")
    _check_known(method, list(cards), f"{key}: there is no method {method}")
    card = cards[method]
    _check_known(variant, list(card["variants"]), f"{key}: {method} has no variant {variant or '(none given)'}")
    _check_known(dataset, list(card["datasets"]), f"{key}: {method} does not support data set {dataset}")
    possible = offered(card, variant, dataset)
    for nfe in nfes:
        if not offers(possible, nfe):
            raise FewstepError(f"{key}: {method} offers {describe(possible)} with variant {variant}, not {nfe}.")
    _check_needs(method, dataset, section, cards, key)


def _check_study(study: Mapping[str, Any], compared: Mapping[str, list[int]], key: str) -> None:
    for comparison, nfes in study["compare"].items():
        _check_known(comparison, list(compared), f"{key}.compare: the data set does not compare {comparison}")
        for nfe in nfes:
            if nfe not in compared[comparison]:
                raise FewstepError(f"{key}.compare.{comparison}: the data set does not compare it at {nfe} NFE.")
    for name in ("items", "trials", "practice", "catch"):
        if study[name] % 2:
            raise FewstepError(f"{key}.{name}: this must be even, not {study[name]}, to balance the sides.")
    if study["trials"] > study["items"]:
        raise FewstepError(f"{key}.trials: a rater cannot see {study['trials']} of {study['items']} items.")


def _check_known(name: str, known: list[str], complaint: str) -> None:
    if name not in known:
        raise FewstepError(f"{complaint} (known: {', '.join(known) or 'none'}){suggestion(name, known)}")


def _check_needs(
    method: str, dataset: str, section: Mapping[str, Any], cards: Mapping[str, Mapping[str, Any]], key: str
) -> None:
    needs = cards[method]["needs"]
    if needs["teacher"] is not None:
        _check_teacher(needs["teacher"], dataset, cards, f"{key}: {method}")
    if needs["labels"] == "required" and section["source"] in FILE_SOURCES:
        # Only here must a file be opened, which takes numpy and perhaps pyarrow.
        from fewstep.data.sources import has_labels

        if not has_labels(section):
            raise FewstepError(f"{key}: {method} needs labels, but {section['path']} has none.")


def _check_teacher(teacher: str, dataset: str, cards: Mapping[str, Mapping[str, Any]], student: str) -> None:
    _check_known(teacher, list(cards), f"{student} needs the teacher {teacher}, which is no method")
    sections = cards[teacher]["datasets"]
    _check_known(dataset, list(sections), f"{student}'s teacher {teacher} does not support data set {dataset}")
    recipes = list(sections[dataset]["recipes"])
    _check_known(TEACHER_RECIPE, recipes, f"{student}'s teacher {teacher} has no recipe {TEACHER_RECIPE}")
