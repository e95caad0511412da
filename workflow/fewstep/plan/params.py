"""What the result of each rule depends on beside its input files. Every function is named after a rule of the workflow.

Their first argument is the plan, the others are the rule's wildcards. All values are plain data: a job runs again when
one of them changes. Numbers that are only checked, and paths that the plan knows, are none of them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fewstep import config, zoo
from fewstep.cards import Network, built_on, teacher
from fewstep.files import sha256_json
from fewstep.hooks import HOOK, requests
from fewstep.imports import seeds_of
from fewstep.method_card import initial_settings
from fewstep.plan.cells import ALL, DATA, EDIT, ENLARGE, EVALUATE, GENERATE, IMPORTED, Cell
from fewstep.plan.presented import EDITS

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan

Params = dict[str, Any]

_PIXELS = "fewstep/sampling/load.py"  # what makes images of what a job is given, with all that it imports


def prepare_data(plan: "Plan", dataset: str) -> Params:
    section = plan.datasets[dataset]
    return {
        "spec": {key: section[key] for key in ("source", "path", "download", "low_resolution")},
        "is_whole": plan.is_whole(dataset),
        "stamp": plan.digests.source(dataset, section),
        # Of the sources, which are imported by name, this one.
        "code": plan.digests.code("prepare_data", also=[f"fewstep/data/{section['source']}.py"]),
    }


def reference(plan: "Plan", dataset: str, task: str) -> Params:
    section = plan.datasets[dataset]
    neighbours = {key: section["scores"][key] for key in ("precision_recall_k", "density_coverage_k")}
    own = (
        {"edited": section["edits"]["count"], "neighbours": {}}
        if task == EDIT
        else {"edited": None, "neighbours": neighbours}
    )
    return {**own, **_extractor(plan, dataset), **_code(plan, "reference")}


def prepare_all(plan: "Plan", dataset: str) -> Params:
    return prepare_data(plan, dataset)


def train_rotnet(plan: "Plan", dataset: str) -> Params:
    return _code(plan, "train_rotnet")


def train_extractor(plan: "Plan", dataset: str) -> Params:
    return {"code": plan.digests.code("train_extractor")}


def use_zoo(plan: "Plan", dataset: str, method: str, recipe: str, training_seed: str) -> Params:
    network = Network(dataset, method, recipe, int(training_seed))
    return {
        "recipe_sha256": zoo.recipe_hash(plan.cards, network),
        "files": plan.digests.zoo(network),
        "code": plan.digests.code("use_zoo"),
    }


def train(plan: "Plan", dataset: str, method: str, recipe: str, training_seed: str) -> Params:
    network = Network(dataset, method, recipe, int(training_seed))
    sources = built_on(plan.cards, network)
    built = {
        role: {"method": sources[role].method, "recipe": plan.recipe(sources[role])} if role in sources else None
        for role in ("teacher", "start")
    }
    # The other half of a method's file, its sampler, is not run.
    called = {name: ["build"] for name in [teacher(plan.cards[method])] if name} | {method: ["build", "train"]}
    return {
        "recipe": plan.recipe(network),
        "recipe_sha256": zoo.recipe_hash(plan.cards, network),
        **built,
        "device": plan.profile["device"],
        "code": plan.digests.code("train", called),
    }


def ship(plan: "Plan") -> Params:
    return {"networks": [list(network) for network in plan.shippable], "folder": str(plan.results)}


def search(plan: "Plan", dataset: str, method: str, variant: str) -> Params:
    cells = plan.cells_of(dataset, plan.samples_task(dataset), method)
    card = plan.cards[method]["variants"][variant]
    return {
        "nfes": list(dict.fromkeys(cell.nfe for cell in cells if cell.variant == variant)),
        "variant": {key: card[key] for key in ("sampling", "search")},
        "recipe": plan.recipe(plan.searched_network(dataset, method, variant)),
        "batch_size": plan.datasets[dataset]["samples"]["batch_size"],
        **_extractor(plan, dataset),
        "device": plan.profile["device"],
        "code": plan.digests.code("search", {method: _called(GENERATE)}),
    }


def sample(plan: "Plan", dataset: str, task: str, method: str, part: str) -> Params:
    section, cells = plan.datasets[dataset], plan.cells_of(dataset, task, method)
    called = {method: _called(task)}
    return {
        "cells": _settings(plan, cells),
        "networks": _networks(plan, cells),
        "images": _part(plan, dataset, task, part),
        **{key: section["samples"][key] for key in ("shard_size", "batch_size")},
        "labels": _labels(plan, dataset),
        "conditional": plan.cards[method]["needs"]["labels"] != "unused",
        "device": plan.profile["device"],
        # Shards are kept as long as what makes pixels is the same: the script around it may change.
        "pixels": plan.digests.code(_PIXELS, called),
        "code": plan.digests.code("sample", called),
    }


def import_samples(plan: "Plan", dataset: str, method: str) -> Params:
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


def score(plan: "Plan", dataset: str, task: str, method: str) -> Params:
    # Features are kept as long as what makes them is the same.
    kept = {"features": plan.digests.code("fewstep/features.py")}
    folder = {"features_folder": str(plan.results / "features" / dataset / task / method)}
    return {**kept, **folder, **_scoring(plan, dataset, task, "score")}


def score_real(plan: "Plan", dataset: str, task: str) -> Params:
    section = plan.datasets[dataset]["samples"]
    # Samples of a super-resolution data set belong to the held-out images.
    labels = "fixed" if task == ENLARGE else section["labels"]
    return {"samples": section["count"], "labels": labels, **_scoring(plan, dataset, task, "score_real")}


def edit_inputs(plan: "Plan", dataset: str) -> Params:
    section = plan.datasets[dataset]["edits"]
    asked = {"tasks": plan.edits(dataset), "count": section["count"], "seed": section["seeds"][0]}
    return {**asked, **_extractor(plan, dataset), **_run(plan, "edit_inputs")}


def evaluate(plan: "Plan", dataset: str, method: str) -> Params:
    cells = plan.cells_of(dataset, plan.samples_task(dataset), method)
    section, networks = plan.datasets[dataset]["samples"], plan.networks_of(cells)
    settings = list(dict.fromkeys((cell.variant, cell.nfe) for cell in cells))
    return {
        "requests": [
            {
                "cell": [dataset, EVALUATE, method, asked["variant"], asked["nfe"], seed, section["seeds"][0]],
                "network": networks.index(Network(dataset, method, asked["recipe"], seed)),
                "settings": asked["sampling"],
            }
            for asked in requests(plan.cards[method], settings)
            for seed in plan.training_seeds(dataset, method)
        ],
        "held_out": plan.cards[method].get(HOOK, {}).get("count"),
        "networks": _networks(plan, cells),
        "batch_size": section["batch_size"],
        **_extractor(plan, dataset),
        **_run(plan, "evaluate", {method: ["build", HOOK]}),
    }


def collect_scores(plan: "Plan") -> Params:
    return {"table": "scores", **_code(plan, "collect")}


def collect_speed(plan: "Plan") -> Params:
    return {"table": "speed", **_code(plan, "collect")}


def classify(plan: "Plan", dataset: str, method: str) -> Params:
    section = plan.datasets[dataset]["accuracy_score"]
    settings = {key: section[key] for key in ("classifier", "classifier_seeds", "epochs")}
    return {"settings": settings, "device": plan.profile["device"], "code": plan.digests.code("classify")}


def accuracy_score(plan: "Plan", dataset: str) -> Params:
    return {**_extractor(plan, dataset), **_run(plan, "accuracy_score")}


def observe(plan: "Plan", dataset: str, method: str) -> Params:
    section, called, control = plan.datasets[dataset], {}, {}
    if method == DATA:
        control = _untrained(plan, dataset)
        called = {control["untrained"]["method"]: _called(plan.samples_task(dataset))}
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


def fool_rate(plan: "Plan", dataset: str) -> Params:
    return {"task": plan.samples_task(dataset), **_run(plan, "fool_rate")}


def time_samplers(plan: "Plan", dataset: str) -> Params:
    cells = plan.timed(dataset)
    tasks: dict[str, set[str]] = {}
    for cell in cells:
        tasks.setdefault(cell.method, {"build"}).update(_called(cell.kind))
    return {
        "cells": _settings(plan, cells),
        "networks": _networks(plan, cells),
        "labels": _labels(plan, dataset),
        "settings": plan.datasets[dataset]["speed"],
        "lock": str(Path("results") / ".timing.lock"),
        # What a timing is kept by: the code of one method alone.
        "pixels": {
            method: plan.digests.code(_PIXELS, {method: sorted(called)}) for method, called in sorted(tasks.items())
        },
        # Timings of machines that are told apart in another way are made again.
        **_run(
            plan,
            "time_samplers",
            {method: sorted(called) for method, called in sorted(tasks.items())},
            ["fewstep/provenance.py"],
        ),
    }


def write_manifest(plan: "Plan") -> Params:
    return _presented(plan, "write_manifest", also=["fewstep/provenance.py"])  # what it makes is that description


def write_tables(plan: "Plan") -> Params:
    return _presented(plan, "write_tables") | _published(plan)


def draw_figure(plan: "Plan", figure: str, dataset: str) -> Params:
    # The script finds the figure's module by name, which the digest of its imports cannot see.
    module = "sample_grid" if figure.startswith(EDITS) else figure
    return _presented(plan, "draw_figure", also=[f"fewstep/report/figures/{module}.py"])


def write_page(plan: "Plan") -> Params:
    templates = sorted((plan.root / "reports" / "templates").iterdir())
    return {
        **_presented(plan, "write_page"),
        **_published(plan),
        "templates": plan.digests.files("templates", templates),
        # The page shows what people answered and must not ask for it: nobody may have answered.
        "studies": plan.digests.files("studies", [path for path in plan.study_scores() if path.is_file()]),
    }


def write_study(plan: "Plan", dataset: str) -> Params:
    section = plan.datasets[dataset]
    page = sorted((plan.root / "workflow" / "fewstep" / "study" / "page").iterdir())
    return {
        "study": {key: value for key, value in section["study"].items() if key != "answers"},
        "seed": section["samples"]["seeds"][0],
        "low_resolution": section["low_resolution"],
        "keys": str(plan.study(dataset) / "keys"),
        "page": plan.digests.files("study page", page),
        "code": plan.digests.code("write_study"),
    }


def score_study(plan: "Plan", dataset: str) -> Params:
    answers = plan.answers(dataset)
    return {
        "folder": str(plan.answers_folder(dataset)),
        "answers": [str(path) for path in answers],
        "stamp": plan.digests.files(f"answers {dataset}", answers),
        "keys": str(plan.study(dataset) / "keys"),
        "seed": plan.datasets[dataset]["study"]["seed"],
        **_presented(plan, "score_study"),
    }


def check(plan: "Plan") -> Params:
    return {"baseline": str(plan.baseline)}


baseline = check


def _called(task: str) -> list[str]:
    """Functions of a method that make images of a kind of task."""
    return ["build", "edit" if task == EDIT else "sample"]


def _run(
    plan: "Plan", script: str, methods: Mapping[str, Iterable[str]] | None = None, also: Iterable[str] = ()
) -> Params:
    """What every job that writes rows of the tables takes: the device, and where the record of its making goes."""
    return {
        "device": plan.profile["device"],
        "results": str(plan.results),
        "code": plan.digests.code(script, methods, also),
    }


def _code(plan: "Plan", script: str) -> Params:
    return {"device": plan.profile["device"], "code": plan.digests.code(script)}


def _scoring(plan: "Plan", dataset: str, task: str, script: str) -> Params:
    section = plan.datasets[dataset]
    lpips = section["scores"]["lpips_weights"]
    return {
        "low_resolution": section["low_resolution"] if task == ENLARGE else None,
        "lpips": lpips,
        "lpips_stamp": lpips and plan.digests.files(f"lpips {dataset}", lpips.values()),
        **_extractor(plan, dataset),
        **_run(plan, script),
    }


def _extractor(plan: "Plan", dataset: str) -> Params:
    """What fewstep.extractors.load takes, and a digest of the weights: others remake the features."""
    scores, classifier = plan.datasets[dataset]["scores"], config.classifier(dataset, plan.datasets[dataset])
    weights = scores["extractor_weights"]
    if scores["extractor"] == "rotnet":  # an input, which the run trains
        weights = None
    elif weights is None and scores["extractor"] == "lenet":
        weights = plan.root / "workflow" / "fewstep" / "extractors" / "weights" / f"lenet-{classifier}.safetensors"
    # Inception's weights without a path are downloaded, and known by a checksum.
    stamp = weights and plan.digests.weights(f"extractor {dataset}", weights)
    given = str(plan.rotnet(dataset)) if scores["extractor"] == "rotnet" else scores["extractor_weights"]
    names = {"name": scores["extractor"], "dataset": classifier, "weights": given}
    return {"extractor": {**names, "resize": scores["resize"]}, "extractor_stamp": stamp}


def _settings(plan: "Plan", cells: Iterable[Cell]) -> list[Params]:
    """Cells as plain data, each with its place among `_networks` and the settings of its card."""
    cells = list(cells)
    networks = plan.networks_of(cells)
    found = []
    for cell in cells:
        variant = plan.cards[cell.method]["variants"][cell.variant]
        edit = variant["edits"][cell.edit]["settings"] if cell.edit else {}
        settings = {**variant["sampling"], **edit}
        found.append({"cell": list(cell), "network": networks.index(plan.network(cell)), "settings": settings})
    return found


def _networks(plan: "Plan", cells: Iterable[Cell]) -> list[Params]:
    """The networks of cells with their recipes, in the order of their weights among the inputs."""
    return [{"network": list(n), "recipe": plan.recipe(n)} for n in plan.networks_of(cells)]


def _part(plan: "Plan", dataset: str, task: str, part: str) -> Params:
    """First index and number of a part's images (None: as many as real ones), and the key that asks for them."""
    size, count = plan.datasets[dataset]["samples"]["images_per_job"], plan.count(dataset, task)
    start = int(part)
    left = None if count is None else count - start
    key = f"{'edits' if task == EDIT else 'samples'}.count"
    return {"key": key, "start": start, "count": left if size is None or left is None else min(size, left)}


def _labels(plan: "Plan", dataset: str) -> dict[str, str | None]:
    """How labels are drawn: the rule and, where it is that of the reference, the split of these real images."""
    section = plan.datasets[dataset]
    rule = section["samples"]["labels"]
    return {"rule": rule, "split": section["scores"]["reference_split"] if rule == "reference" else None}


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
        "labels": _labels(plan, dataset),
        "batch_size": plan.datasets[dataset]["samples"]["batch_size"],
    }  # fmt: skip


def _presented(plan: "Plan", script: str, also: Iterable[str] = ()) -> Params:
    """Labels and settings reach the report through cards and profile: a change writes it again."""
    return {"code": plan.digests.code(script, also=also), "presented": sha256_json([plan.cards, plan.profile])}


def _published(plan: "Plan") -> Params:
    """Digest of what papers report."""
    return {"published": plan.digests.files("published", [plan.root / "reports" / "published.csv"])}
