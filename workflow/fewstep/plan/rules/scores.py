"""Scores of images, of real images, and those that methods give themselves."""

from typing import TYPE_CHECKING

from fewstep.plan.cards import Network
from fewstep.plan.cells import DATA, EDIT, ENLARGE, EVALUATE, LABELLED
from fewstep.plan.hooks import HOOK, requests
from fewstep.plan.rules import shared
from fewstep.plan.rules.shared import Files, Params

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan


def score_inputs(plan: "Plan", dataset: str, task: str, method: str) -> Files:
    return {
        "samples": plan.samples(dataset, task, method),
        "reference": plan.reference(dataset, task),
        "images": plan.data(dataset, "test.npz") if task in (ENLARGE, EDIT) else [],
        **shared.extractor_files(plan, dataset),
    }


def score_params(plan: "Plan", dataset: str, task: str, method: str) -> Params:
    # Features are kept as long as what makes them is the same.
    kept = {"features": plan.digests.code("fewstep/scoring/features.py")}
    folder = {"features_folder": str(plan.results / "features" / dataset / task / method)}
    return {**kept, **folder, **_scoring(plan, dataset, task, "score")}


def score_real_inputs(plan: "Plan", dataset: str, task: str) -> Files:
    return {
        "images": plan.data(dataset, "test.npz"),
        "reference": plan.reference(dataset, task),
        **shared.extractor_files(plan, dataset),
    }


def score_real_params(plan: "Plan", dataset: str, task: str) -> Params:
    section = plan.datasets[dataset]["samples"]
    # Samples of a super-resolution data set belong to the held-out images.
    labels = "fixed" if task == ENLARGE else section["labels"]
    return {"samples": section["count"], "labels": labels, **_scoring(plan, dataset, task, "score_real")}


def edit_inputs_inputs(plan: "Plan", dataset: str) -> Files:
    return {
        "card": plan.data(dataset, "card.json"),
        "images": plan.data(dataset, "test.npz"),
        "reference": plan.reference(dataset, EDIT),
        **shared.extractor_files(plan, dataset),
    }


def edit_inputs_params(plan: "Plan", dataset: str) -> Params:
    section = plan.datasets[dataset]["edits"]
    task = {"tasks": plan.edits(dataset), "count": section["count"], "seed": section["seeds"][0]}
    return {**task, **shared.extractor(plan, dataset), **shared.run(plan, "edit_inputs")}


def evaluate_inputs(plan: "Plan", dataset: str, method: str) -> Files:
    task = plan.samples_task(dataset)
    return {
        "weights": shared.weights(plan, dataset, task, method),
        "card": plan.data(dataset, "card.json"),
        "searches": shared.searches(plan, dataset, method) if plan.evaluates_cells(method) else [],
        "images": plan.data(dataset, "test.npz"),
        "reference": plan.reference(dataset, task),
        **shared.extractor_files(plan, dataset),
    }


def evaluate_params(plan: "Plan", dataset: str, method: str) -> Params:
    cells = plan.cells_of(dataset, plan.samples_task(dataset), method)
    section, networks = plan.datasets[dataset]["samples"], plan.networks_of(cells)
    settings = list(dict.fromkeys((cell.variant, cell.nfe) for cell in cells))
    return {
        "requests": [
            {
                "cell": [dataset, EVALUATE, method, request["variant"], request["nfe"], seed, section["seeds"][0]],
                "network": networks.index(Network(dataset, method, request["recipe"], seed)),
                "settings": request["sampling"],
            }
            for request in requests(plan.cards[method], settings)
            for seed in plan.training_seeds(dataset, method)
        ],
        "held_out": plan.cards[method].get(HOOK, {}).get("count"),
        "networks": shared.networks(plan, cells),
        "batch_size": section["batch_size"],
        **shared.extractor(plan, dataset),
        **shared.run(plan, "evaluate", {method: ["build", HOOK]}),
    }


def collect_scores_inputs(plan: "Plan") -> Files:
    scores = [
        plan.scores(dataset, kind, method)
        for dataset in plan.datasets
        for kind in plan.kinds(dataset)
        if kind != LABELLED  # no score of these images but what classifiers learn from them
        for method in [*plan.methods(dataset, kind), *([] if plan.is_whole(dataset) else [DATA])]
    ]
    scores += [plan.scores(dataset, EVALUATE, method) for dataset, method in plan.evaluated()]
    scores += [
        plan.results / "judges" / dataset / f"{score}.csv"
        for dataset, section in plan.datasets.items()
        for score in ("accuracy_score", "fool_rate")
        if score in section
    ]
    return {"tables": scores}


def collect_scores_params(plan: "Plan") -> Params:
    return {"code": plan.digests.code("collect")}


def _scoring(plan: "Plan", dataset: str, task: str, script: str) -> Params:
    section = plan.datasets[dataset]
    lpips = section["scores"]["lpips_weights"]
    return {
        "low_resolution": section["low_resolution"] if task == ENLARGE else None,
        "lpips": lpips,
        "lpips_stamp": lpips and plan.digests.files(f"lpips {dataset}", lpips.values()),
        **shared.extractor(plan, dataset),
        **shared.run(plan, script),
    }
