"""The files that each rule reads, by their names in its script. Each function is named after a rule.

The first argument is the plan, the others are the rule's wildcards. An input that a job does without is an empty list.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fewstep import zoo
from fewstep.cards import Network, built_on
from fewstep.plan.cells import ALL, DATA, EDIT, ENLARGE, EVALUATE, GENERATE, LABELLED

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan

Files = dict[str, Any]

# The real images that samples are made from, by the kind of their task; none where nothing but labels is drawn.
_STARTED_FROM = {GENERATE: None, ENLARGE: "test.npz", LABELLED: "train.npz", EDIT: "test.npz"}


def reference(plan: "Plan", dataset: str, task: str) -> Files:
    split = "test" if task == EDIT else plan.datasets[dataset]["scores"]["reference_split"]
    return {
        "images": plan.data(dataset, f"{split}.npz"),
        "card": plan.data(dataset, "card.json"),
        **_extractor(plan, dataset),
    }


def train_rotnet(plan: "Plan", dataset: str) -> Files:
    split = plan.datasets[dataset]["scores"]["reference_split"]
    return {"images": plan.data(dataset, f"{split}.npz")}


def train_extractor(plan: "Plan", dataset: str) -> Files:
    return _splits(plan, dataset)


def use_zoo(plan: "Plan", dataset: str, method: str, recipe: str, training_seed: str) -> Files:
    return {"card": plan.data(dataset, "card.json")}


def train(plan: "Plan", dataset: str, method: str, recipe: str, training_seed: str) -> Files:
    sources = built_on(plan.cards, Network(dataset, method, recipe, int(training_seed)))
    built = {role: plan.weights(sources[role]) if role in sources else [] for role in ("teacher", "start")}
    return {"images": plan.data(dataset, "train.npz"), "card": plan.data(dataset, "card.json"), **built}


def search(plan: "Plan", dataset: str, method: str, variant: str) -> Files:
    # Images to start from, too, are of this split, of those that training holds out: no test image is looked at.
    return {
        "weights": plan.weights(plan.searched_network(dataset, method, variant)),
        "card": plan.data(dataset, "card.json"),
        "images": plan.data(dataset, "train.npz"),
        **_extractor(plan, dataset),
    }


def sample(plan: "Plan", dataset: str, task: str, method: str, part: str) -> Files:
    split = _STARTED_FROM[task]
    return {
        "weights": _weights(plan, dataset, task, method),
        "card": plan.data(dataset, "card.json"),
        "searches": _searches(plan, dataset, method),
        "images": plan.data(dataset, split) if split else [],
    }


def import_samples(plan: "Plan", dataset: str, method: str) -> Files:
    return {"card": plan.data(dataset, "card.json")}


def score(plan: "Plan", dataset: str, task: str, method: str) -> Files:
    return {
        "samples": plan.samples(dataset, task, method),
        "reference": plan.reference(dataset, task),
        "images": plan.data(dataset, "test.npz") if task in (ENLARGE, EDIT) else [],
        **_extractor(plan, dataset),
    }


def score_real(plan: "Plan", dataset: str, task: str) -> Files:
    return {
        "images": plan.data(dataset, "test.npz"),
        "reference": plan.reference(dataset, task),
        **_extractor(plan, dataset),
    }


def edit_inputs(plan: "Plan", dataset: str) -> Files:
    return {
        "card": plan.data(dataset, "card.json"),
        "images": plan.data(dataset, "test.npz"),
        "reference": plan.reference(dataset, EDIT),
        **_extractor(plan, dataset),
    }


def evaluate(plan: "Plan", dataset: str, method: str) -> Files:
    task = plan.samples_task(dataset)
    return {
        "weights": _weights(plan, dataset, task, method),
        "card": plan.data(dataset, "card.json"),
        "searches": _searches(plan, dataset, method) if plan.evaluates_cells(method) else [],
        "images": plan.data(dataset, "test.npz"),
        "reference": plan.reference(dataset, task),
        **_extractor(plan, dataset),
    }


def collect_scores(plan: "Plan") -> Files:
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


def classify(plan: "Plan", dataset: str, method: str) -> Files:
    samples = [] if method == DATA else plan.samples(dataset, LABELLED, method)
    return {"samples": samples, **_splits(plan, dataset)}


def accuracy_score(plan: "Plan", dataset: str) -> Files:
    methods = plan.methods(dataset, LABELLED)
    folder = plan.results / "judges" / dataset / "classifiers"
    return {
        "predictions": [folder / f"{method}.npz" for method in [*methods, DATA]],
        "samples": [path for method in methods for path in plan.samples(dataset, LABELLED, method)],
        **_splits(plan, dataset),
        **_extractor(plan, dataset),
    }


def observe(plan: "Plan", dataset: str, method: str) -> Files:
    methods = {ALL: _observed(plan, dataset), DATA: []}.get(method, [method])
    task = plan.samples_task(dataset)
    return {
        "samples": [path for name in methods for path in plan.samples(dataset, task, name)],
        "images": plan.data(dataset, "test.npz"),
        "card": plan.data(dataset, "card.json"),
    }


def fool_rate(plan: "Plan", dataset: str) -> Files:
    folder = plan.results / "judges" / dataset / "observers"
    return {"answers": [folder / f"{method}.npz" for method in [*_observed(plan, dataset), ALL, DATA]]}


def time_samplers(plan: "Plan", dataset: str) -> Files:
    cells = plan.timed(dataset)
    methods = sorted({(cell.kind, cell.method) for cell in cells})
    return {
        "weights": [plan.weights(network) for network in plan.networks_of(cells)],
        "card": plan.data(dataset, "card.json"),
        "searches": _searches(plan, dataset),
        "images": plan.data(dataset, "test.npz") if any(kind != GENERATE for kind, _ in methods) else [],
        # What is timed is known to work.
        "samples": [path for kind, method in methods for path in plan.samples(dataset, kind, method)],
    }


def collect_speed(plan: "Plan") -> Files:
    timed = [dataset for dataset in plan.datasets if plan.timed(dataset)]
    return {"tables": [plan.results / "speed" / f"{dataset}.csv" for dataset in timed]}


def write_manifest(plan: "Plan") -> Files:
    return {**_tables(plan), "networks": [plan.weights(network, "manifest") for network in plan.networks]}


def write_tables(plan: "Plan") -> Files:
    return _made(plan) | _described(plan)


def draw_figure(plan: "Plan", figure: str, dataset: str) -> Files:
    return _made(plan) | _drawn(plan, [dataset])


def write_page(plan: "Plan") -> Files:
    return _made(plan) | _drawn(plan, plan.datasets) | {"drawings": [*plan.figures(), *plan.tables()]}


def write_study(plan: "Plan", dataset: str) -> Files:
    task = plan.samples_task(dataset)
    methods = sorted({cell.method for cell in plan.cells_under(dataset, "study")})
    return {
        "samples": [path for method in methods for path in plan.samples(dataset, task, method)],
        "images": plan.data(dataset, "test.npz"),
    }


def check(plan: "Plan") -> Files:
    shipped = [plan.weights(network, "manifest") for network in plan.networks if network in plan.shipped]
    return {**_tables(plan), "zoo": shipped}


def baseline(plan: "Plan") -> Files:
    return _tables(plan)


def ship(plan: "Plan") -> Files:
    return {**_tables(plan), "networks": [plan.weights(n, kind) for n in plan.shippable for kind in zoo.SUFFIXES]}


def _tables(plan: "Plan") -> dict[str, Path]:
    return {"scores": plan.results / "scores.csv", "speed": plan.results / "speed.csv"}


def _extractor(plan: "Plan", dataset: str) -> Files:
    """Weights of the extractor, where the run trains it."""
    is_trained = plan.datasets[dataset]["scores"]["extractor"] == "rotnet"
    return {"extractor": plan.rotnet(dataset) if is_trained else []}


def _made(plan: "Plan") -> dict[str, Path]:
    """The tables, and what the run was made from."""
    return {**_tables(plan), "manifest": plan.results / "manifest.json"}


def _splits(plan: "Plan", dataset: str) -> Files:
    return {split: plan.data(dataset, f"{split}.npz") for split in ("train", "test")}


def _weights(plan: "Plan", dataset: str, task: str, method: str) -> list[Path]:
    """Of the networks of a method's cells, in the order of `Plan.networks_of`."""
    return [plan.weights(network) for network in plan.networks_of(plan.cells_of(dataset, task, method))]


def _searches(plan: "Plan", dataset: str, method: str | None = None) -> list[Path]:
    """Settings that searches found, of one method or of all: other settings sample again."""
    return [plan.search(dataset, *pair) for pair in plan.searched(dataset, method)]


def _observed(plan: "Plan", dataset: str) -> list[str]:
    """Methods whose samples observers are trained on."""
    return sorted({cell.method for cell in plan.cells_under(dataset, "fool_rate")})


def _described(plan: "Plan") -> Files:
    """What tables say beside scores and speeds."""
    return {
        "samples": _manifests(plan, plan.datasets),
        "searches": [path for dataset in plan.datasets for path in _searches(plan, dataset)],
    }


def _drawn(plan: "Plan", datasets: Iterable[str]) -> Files:
    """What figures of some data sets are drawn from beside scores and speeds."""
    networks = [network for network in plan.networks if network.dataset in datasets]
    return {
        "samples": _manifests(plan, datasets),
        "real": [plan.real(dataset) for dataset in datasets],
        "given": [plan.edit_images(dataset) for dataset in datasets if plan.edits(dataset)],
        "searches": [path for dataset in datasets for path in _searches(plan, dataset)],
        "losses": [plan.weights(network, "losses") for network in networks],
        "snapshots": [plan.weights(network, "snapshots") for network in networks],
    }


def _manifests(plan: "Plan", datasets: Iterable[str]) -> list[Path]:
    """Of all images that methods made for the report to show: of samples, and of edits."""
    return [
        path
        for dataset in datasets
        for kind in plan.kinds(dataset)
        if kind != LABELLED
        for method in plan.methods(dataset, kind)
        for path in plan.samples(dataset, kind, method)
    ]
