"""Images: made by methods, or by someone else; and the search of sampling settings."""

from typing import TYPE_CHECKING

from fewstep.plan.cells import EDIT, ENLARGE, GENERATE, IMPORTED, LABELLED
from fewstep.plan.imports import seeds_of
from fewstep.plan.rules import shared
from fewstep.plan.rules.shared import Files, Params

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan

# The real images that samples are made from, by the kind of their task; none where nothing but labels is drawn.
_STARTED_FROM = {GENERATE: None, ENLARGE: "test.npz", LABELLED: "train.npz", EDIT: "test.npz"}


def sample_inputs(plan: "Plan", dataset: str, task: str, method: str, part: str) -> Files:
    split = _STARTED_FROM[task]
    return {
        "weights": shared.weights(plan, dataset, task, method),
        "card": plan.data(dataset, "card.json"),
        "searches": shared.searches(plan, dataset, method),
        "images": plan.data(dataset, split) if split else [],
    }


def sample_params(plan: "Plan", dataset: str, task: str, method: str, part: str) -> Params:
    section, cells = plan.datasets[dataset], plan.cells_of(dataset, task, method)
    called = {method: shared.called(task)}
    return {
        "cells": shared.settings(plan, cells),
        "networks": shared.networks(plan, cells),
        "images": _part(plan, dataset, task, part),
        **{key: section["samples"][key] for key in ("shard_size", "batch_size")},
        "labels": shared.labels(plan, dataset),
        "conditional": plan.cards[method]["needs"]["labels"] != "unused",
        "device": plan.profile["device"],
        # Shards are kept as long as what makes pixels is the same: the script around it may change.
        "pixels": plan.digests.code(shared.PIXELS, called),
        "code": plan.digests.code("sample", called),
    }


def import_samples_inputs(plan: "Plan", dataset: str, method: str) -> Files:
    return {"card": plan.data(dataset, "card.json")}


def import_samples_params(plan: "Plan", dataset: str, method: str) -> Params:
    paths = seeds_of(plan.imports(dataset)[method])
    cells = [cell for cell in plan.cells_of(dataset, GENERATE, method) if cell.variant == IMPORTED]
    stamps = [plan.digests.samples(f"{dataset} {method} {i}", path) for i, path in enumerate(paths)]
    return {
        "cells": [list(cell) for cell in cells],
        "paths": paths,
        "stamps": stamps,
        "shard_size": plan.datasets[dataset]["samples"]["shard_size"],
        "code": plan.digests.code("import_samples"),
    }


def search_inputs(plan: "Plan", dataset: str, method: str, variant: str) -> Files:
    # Images to start from, too, are of this split, of those that training holds out: no test image is looked at.
    return {
        "weights": plan.weights(plan.searched_network(dataset, method, variant)),
        "card": plan.data(dataset, "card.json"),
        "images": plan.data(dataset, "train.npz"),
        **shared.extractor_files(plan, dataset),
    }


def search_params(plan: "Plan", dataset: str, method: str, variant: str) -> Params:
    cells = plan.cells_of(dataset, plan.samples_task(dataset), method)
    card = plan.cards[method]["variants"][variant]
    return {
        "nfes": list(dict.fromkeys(cell.nfe for cell in cells if cell.variant == variant)),
        "variant": {key: card[key] for key in ("sampling", "search")},
        "recipe": plan.recipe(plan.searched_network(dataset, method, variant)),
        "batch_size": plan.datasets[dataset]["samples"]["batch_size"],
        **shared.extractor(plan, dataset),
        "device": plan.profile["device"],
        "code": plan.digests.code("search", {method: shared.called(GENERATE)}),
    }


def _part(plan: "Plan", dataset: str, task: str, part: str) -> Params:
    """First index and number of a part's images (None: as many as real ones), and the key that asks for them."""
    size, count = plan.datasets[dataset]["samples"]["images_per_job"], plan.count(dataset, task)
    start = int(part)
    left = None if count is None else count - start
    key = f"{'edits' if task == EDIT else 'samples'}.count"
    return {"key": key, "start": start, "count": left if size is None or left is None else min(size, left)}
