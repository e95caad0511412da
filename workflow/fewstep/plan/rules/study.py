"""Studies with people."""

from typing import TYPE_CHECKING

from fewstep.plan.rules import shared
from fewstep.plan.rules.shared import Files, Params

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan


def write_study_inputs(plan: "Plan", dataset: str) -> Files:
    task = plan.samples_task(dataset)
    methods = sorted({cell.method for cell in plan.cells_under(dataset, "study")})
    return {
        "samples": [path for method in methods for path in plan.samples(dataset, task, method)],
        "images": plan.data(dataset, "test.npz"),
    }


def write_study_params(plan: "Plan", dataset: str) -> Params:
    section = plan.datasets[dataset]
    page = sorted((plan.root / "workflow" / "fewstep" / "study" / "rater_page").iterdir())
    return {
        "study": {key: value for key, value in section["study"].items() if key != "answers"},
        "seed": section["samples"]["seeds"][0],
        "low_resolution": section["low_resolution"],
        "keys": str(plan.study(dataset) / "keys"),
        "page": plan.digests.files("study page", page),
        "code": plan.digests.code("write_study"),
    }


def score_study_params(plan: "Plan", dataset: str) -> Params:
    answers = plan.answers(dataset)
    return {
        "folder": str(plan.answers_folder(dataset)),
        "answers": [str(path) for path in answers],
        "stamp": plan.digests.files(f"answers {dataset}", answers),
        "keys": str(plan.study(dataset) / "keys"),
        "seed": plan.datasets[dataset]["study"]["seed"],
        **shared.presented(plan, "score_study"),
    }
