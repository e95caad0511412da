"""Timings."""

from pathlib import Path
from typing import TYPE_CHECKING

from fewstep.plan.cells import GENERATE
from fewstep.plan.rules import shared
from fewstep.plan.rules.shared import Files, Params

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan


def time_samplers_inputs(plan: "Plan", dataset: str) -> Files:
    cells = plan.timed(dataset)
    methods = sorted({(cell.kind, cell.method) for cell in cells})
    return {
        "weights": [plan.weights(network) for network in plan.networks_of(cells)],
        "card": plan.data(dataset, "card.json"),
        "searches": shared.searches(plan, dataset),
        "images": plan.data(dataset, "test.npz") if any(kind != GENERATE for kind, _ in methods) else [],
        # What is timed is known to work.
        "samples": [path for kind, method in methods for path in plan.samples(dataset, kind, method)],
    }


def time_samplers_params(plan: "Plan", dataset: str) -> Params:
    cells, functions = plan.timed(dataset), {}
    for cell in cells:
        functions.setdefault(cell.method, set()).update(shared.called(cell.kind))
    methods = {method: sorted(called) for method, called in sorted(functions.items())}
    return {
        "cells": shared.settings(plan, cells),
        "networks": shared.networks(plan, cells),
        "labels": shared.labels(plan, dataset),
        "settings": plan.datasets[dataset]["speed"],
        "lock": str(Path("results") / ".timing.lock"),
        # What a timing is kept by: the code of one method alone.
        "pixels": {name: plan.digests.code(shared.PIXELS, {name: called}) for name, called in methods.items()},
        # Timings of machines with another fingerprint are made again.
        **shared.run(plan, "time_samplers", methods, ["fewstep/base/provenance.py"]),
    }


def collect_speed_inputs(plan: "Plan") -> Files:
    timed = [dataset for dataset in plan.datasets if plan.timed(dataset)]
    return {"tables": [plan.results / "speed" / f"{dataset}.csv" for dataset in timed]}


def collect_speed_params(plan: "Plan") -> Params:
    return {"code": plan.digests.code("collect")}
