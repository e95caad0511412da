"""Real images, their references and extractors."""

from typing import TYPE_CHECKING

from fewstep.plan.cells import EDIT
from fewstep.plan.rules import shared
from fewstep.plan.rules.shared import Files, Params

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan


def prepare_data_params(plan: "Plan", dataset: str) -> Params:
    section = plan.datasets[dataset]
    return {
        "spec": {key: section[key] for key in ("source", "path", "download", "low_resolution")},
        "is_whole": plan.is_whole(dataset),
        "stamp": plan.digests.source(dataset, section),
        # Of the sources, which are imported by name, this one.
        "code": plan.digests.code("prepare_data", also=[f"fewstep/data/{section['source']}.py"]),
    }


def prepare_all_params(plan: "Plan", dataset: str) -> Params:
    return prepare_data_params(plan, dataset)


def reference_inputs(plan: "Plan", dataset: str, task: str) -> Files:
    split = "test" if task == EDIT else plan.datasets[dataset]["scores"]["reference_split"]
    return {
        "images": plan.data(dataset, f"{split}.npz"),
        "card": plan.data(dataset, "card.json"),
        **shared.extractor_files(plan, dataset),
    }


def reference_params(plan: "Plan", dataset: str, task: str) -> Params:
    section = plan.datasets[dataset]
    neighbours = {key: section["scores"][key] for key in ("precision_recall_k", "density_coverage_k")}
    own = (
        {"edited": section["edits"]["count"], "neighbours": {}}
        if task == EDIT
        else {"edited": None, "neighbours": neighbours}
    )
    return {**own, **shared.extractor(plan, dataset), **shared.code(plan, "reference")}


def train_rotnet_inputs(plan: "Plan", dataset: str) -> Files:
    split = plan.datasets[dataset]["scores"]["reference_split"]
    return {"images": plan.data(dataset, f"{split}.npz")}


def train_rotnet_params(plan: "Plan", dataset: str) -> Params:
    return shared.code(plan, "train_rotnet")


def train_extractor_inputs(plan: "Plan", dataset: str) -> Files:
    return shared.splits(plan, dataset)


def train_extractor_params(plan: "Plan", dataset: str) -> Params:
    return {"code": plan.digests.code("train_extractor")}
