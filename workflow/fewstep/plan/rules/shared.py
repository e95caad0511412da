"""What the rules of several files read or depend on."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fewstep.base.files import sha256_json
from fewstep.base.folders import EXTRACTOR_WEIGHTS
from fewstep.plan import profile as config
from fewstep.plan.cells import EDIT, Cell

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan

Files = dict[str, Any]
Params = dict[str, Any]

PIXELS = "fewstep/sampling/load.py"  # what makes images of what a job is given, with all that it imports


def tables(plan: "Plan") -> dict[str, Path]:
    return {"scores": plan.results / "scores.csv", "speed": plan.results / "speed.csv"}


def made(plan: "Plan") -> dict[str, Path]:
    """The tables, and what the run was made from."""
    return {**tables(plan), "manifest": plan.results / "manifest.json"}


def extractor_files(plan: "Plan", dataset: str) -> Files:
    """Weights of the extractor, where the run trains it."""
    is_trained = plan.datasets[dataset]["scores"]["extractor"] == "rotnet"
    return {"extractor": plan.rotnet(dataset) if is_trained else []}


def splits(plan: "Plan", dataset: str) -> Files:
    return {split: plan.data(dataset, f"{split}.npz") for split in ("train", "test")}


def weights(plan: "Plan", dataset: str, task: str, method: str) -> list[Path]:
    """Of the networks of a method's cells, in the order of `Plan.networks_of`."""
    return [plan.weights(network) for network in plan.networks_of(plan.cells_of(dataset, task, method))]


def searches(plan: "Plan", dataset: str, method: str | None = None) -> list[Path]:
    """Settings that searches found, of one method or of all: samples are made again when they change."""
    return [plan.search(dataset, *pair) for pair in plan.searched(dataset, method)]


def called(task: str) -> list[str]:
    """Functions of a method that make images of a kind of task."""
    return ["build", "edit" if task == EDIT else "sample"]


def run(
    plan: "Plan", script: str, methods: Mapping[str, Iterable[str]] | None = None, also: Iterable[str] = ()
) -> Params:
    """What every job that writes rows of the tables takes: the device, and where the record of its making goes."""
    return {
        "device": plan.profile["device"],
        "results": str(plan.results),
        "code": plan.digests.code(script, methods, also),
    }


def code(plan: "Plan", script: str) -> Params:
    return {"device": plan.profile["device"], "code": plan.digests.code(script)}


def extractor(plan: "Plan", dataset: str) -> Params:
    """What fewstep.scoring.extractors.load takes, and a digest of the weights: others remake the features."""
    scores, classifier = plan.datasets[dataset]["scores"], config.classifier(dataset, plan.datasets[dataset])
    weights = scores["extractor_weights"]
    if scores["extractor"] == "rotnet":  # an input, which the run trains
        weights = None
    elif weights is None and scores["extractor"] == "lenet":
        weights = plan.root / EXTRACTOR_WEIGHTS / f"lenet-{classifier}.safetensors"
    # Inception's weights without a path are downloaded, and known by a checksum.
    stamp = weights and plan.digests.weights(f"extractor {dataset}", weights)
    given = str(plan.rotnet(dataset)) if scores["extractor"] == "rotnet" else scores["extractor_weights"]
    names = {"name": scores["extractor"], "dataset": classifier, "weights": given}
    return {"extractor": {**names, "resize": scores["resize"]}, "extractor_stamp": stamp}


def settings(plan: "Plan", cells: Iterable[Cell]) -> list[Params]:
    """Cells as plain data, each with its place among `networks` and the settings of its card."""
    cells = list(cells)
    networks = plan.networks_of(cells)
    found = []
    for cell in cells:
        variant = plan.cards[cell.method]["variants"][cell.variant]
        edit = variant["edits"][cell.edit]["settings"] if cell.edit else {}
        settings = {**variant["sampling"], **edit}
        found.append({"cell": list(cell), "network": networks.index(plan.network(cell)), "settings": settings})
    return found


def networks(plan: "Plan", cells: Iterable[Cell]) -> list[Params]:
    """The networks of cells with their recipes, in the order of their weights among the inputs."""
    return [{"network": list(n), "recipe": plan.recipe(n)} for n in plan.networks_of(cells)]


def labels(plan: "Plan", dataset: str) -> dict[str, str | None]:
    """How labels are drawn: the rule and, where it is that of the reference, the split of these real images."""
    section = plan.datasets[dataset]
    rule = section["samples"]["labels"]
    return {"rule": rule, "split": section["scores"]["reference_split"] if rule == "reference" else None}


def presented(plan: "Plan", script: str, also: Iterable[str] = ()) -> Params:
    """Labels and settings reach the report through cards and profile: a change writes it again."""
    return {"code": plan.digests.code(script, also=also), "presented": sha256_json([plan.cards, plan.profile])}
