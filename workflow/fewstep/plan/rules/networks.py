"""Networks: from the zoo, or trained; and those that ship."""

from typing import TYPE_CHECKING

from fewstep.plan import zoo
from fewstep.plan.cards import Network, built_on, teacher
from fewstep.plan.rules import shared
from fewstep.plan.rules.shared import Files, Params

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan


def use_zoo_inputs(plan: "Plan", dataset: str, method: str, recipe: str, training_seed: str) -> Files:
    return {"card": plan.data(dataset, "card.json")}


def use_zoo_params(plan: "Plan", dataset: str, method: str, recipe: str, training_seed: str) -> Params:
    network = Network(dataset, method, recipe, int(training_seed))
    return {
        "recipe_sha256": zoo.recipe_hash(plan.cards, network),
        "files": plan.digests.zoo(network),
        "code": plan.digests.code("use_zoo"),
    }


def train_inputs(plan: "Plan", dataset: str, method: str, recipe: str, training_seed: str) -> Files:
    sources = built_on(plan.cards, Network(dataset, method, recipe, int(training_seed)))
    built = {role: plan.weights(sources[role]) if role in sources else [] for role in ("teacher", "start")}
    return {"images": plan.data(dataset, "train.npz"), "card": plan.data(dataset, "card.json"), **built}


def train_params(plan: "Plan", dataset: str, method: str, recipe: str, training_seed: str) -> Params:
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


def ship_inputs(plan: "Plan") -> Files:
    return {**shared.tables(plan), "networks": [plan.weights(n, kind) for n in plan.shippable for kind in zoo.SUFFIXES]}


def ship_params(plan: "Plan") -> Params:
    return {"networks": [list(network) for network in plan.shippable], "folder": str(plan.results)}
