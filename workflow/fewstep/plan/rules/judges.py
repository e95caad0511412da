"""Scores by networks that are trained to give them."""

from typing import TYPE_CHECKING

from fewstep.plan.cells import ALL, DATA, LABELLED, Cell
from fewstep.plan.method_card import initial_settings
from fewstep.plan.rules import shared
from fewstep.plan.rules.shared import Files, Params

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan


def classify_inputs(plan: "Plan", dataset: str, method: str) -> Files:
    samples = [] if method == DATA else plan.samples(dataset, LABELLED, method)
    return {"samples": samples, **shared.splits(plan, dataset)}


def classify_params(plan: "Plan", dataset: str, method: str) -> Params:
    section = plan.datasets[dataset]["accuracy_score"]
    settings = {key: section[key] for key in ("classifier", "classifier_seeds", "epochs")}
    return {"settings": settings, "device": plan.profile["device"], "code": plan.digests.code("classify")}


def accuracy_score_inputs(plan: "Plan", dataset: str) -> Files:
    methods = plan.methods(dataset, LABELLED)
    folder = plan.results / "judges" / dataset / "classifiers"
    return {
        "predictions": [folder / f"{method}.npz" for method in [*methods, DATA]],
        "samples": [path for method in methods for path in plan.samples(dataset, LABELLED, method)],
        **shared.splits(plan, dataset),
        **shared.extractor_files(plan, dataset),
    }


def accuracy_score_params(plan: "Plan", dataset: str) -> Params:
    return {**shared.extractor(plan, dataset), **shared.run(plan, "accuracy_score")}


def observe_inputs(plan: "Plan", dataset: str, method: str) -> Files:
    methods = {ALL: _observed(plan, dataset), DATA: []}.get(method, [method])
    task = plan.samples_task(dataset)
    return {
        "samples": [path for name in methods for path in plan.samples(dataset, task, name)],
        "images": plan.data(dataset, "test.npz"),
        "card": plan.data(dataset, "card.json"),
    }


def observe_params(plan: "Plan", dataset: str, method: str) -> Params:
    section, called, control = plan.datasets[dataset], {}, {}
    if method == DATA:
        control = _untrained(plan, dataset)
        called = {control["untrained"]["method"]: shared.called(plan.samples_task(dataset))}
    cells = [c for c in plan.cells_under(dataset, "fool_rate") if method in (ALL, DATA, c.method)]
    rules = {key: section["fool_rate"][key] for key in ("train_count", "epochs", "bits")}
    return {
        "cells": [] if method == DATA else [list(cell) for cell in dict.fromkeys(c._replace(seed=0) for c in cells)],
        **control,
        **{key: section["samples"][key] for key in ("count", "seeds")},
        "rules": rules,
        "device": plan.profile["device"],
        "code": plan.digests.code("observe", called),
    }


def fool_rate_inputs(plan: "Plan", dataset: str) -> Files:
    folder = plan.results / "judges" / dataset / "observers"
    return {"answers": [folder / f"{method}.npz" for method in [*_observed(plan, dataset), ALL, DATA]]}


def fool_rate_params(plan: "Plan", dataset: str) -> Params:
    return {"task": plan.samples_task(dataset), **shared.run(plan, "fool_rate")}


def _observed(plan: "Plan", dataset: str) -> list[str]:
    """Methods whose samples observers are trained on."""
    return sorted({cell.method for cell in plan.cells_under(dataset, "fool_rate")})


def _untrained(plan: "Plan", dataset: str) -> Params:
    """The control of the fool rate: the cell of fewest evaluations; one whose network is trained, if any."""

    def cost(cell: Cell) -> tuple[bool, int]:
        return plan.recipe(plan.network(cell))["training"]["steps"] == 0, cell.nfe

    cell = min(plan.cells_under(dataset, "fool_rate"), key=cost)
    settings = initial_settings(plan.cards[cell.method]["variants"][cell.variant])
    return {
        "untrained": {
            "cell": list(cell), "method": cell.method, "recipe": plan.recipe(plan.network(cell)), "settings": settings,
        },
        "labels": shared.labels(plan, dataset),
        "batch_size": plan.datasets[dataset]["samples"]["batch_size"],
    }  # fmt: skip
