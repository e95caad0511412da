"""The model zoo: trained weights that ship beside their method, each with the manifest of the run that made them.

In methods/<method>/weights/, of a data set's recipe `default`, and of any other:

    <dataset>.safetensors      <dataset>.<recipe>.safetensors      the weights, rounded to half precision
    <dataset>.json             ...                                 manifest (workflow/schemas/weights.schema.yaml)
    <dataset>.log.csv          ...                                 losses, thinned
    <dataset>.snapshots.npz    ...                                 samples at the start, half way and at the end

A network comes from here where the manifest's recipe hash is that of the cards and its seed one of the profile's. No
torch is imported: the Snakefile asks here which networks need no training.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fewstep.base.errors import FewstepError
from fewstep.base.files import read_json, sha256_file, sha256_json, write_json
from fewstep.base.folders import METHODS
from fewstep.base.marks import no_effect_on_results
from fewstep.base.schema import checked
from fewstep.plan.cards import DEFAULT_RECIPE, Cards, Network, built_on, networks, recipe

SCHEMA_VERSION = 2
# What a network leaves on disk, here and in results/<profile>/weights/<dataset>/<method>/<recipe>/.
SUFFIXES = {"weights": ".safetensors", "manifest": ".json", "losses": ".log.csv", "snapshots": ".snapshots.npz"}
TRAINED, ZOO = "training", "zoo"  # a manifest's `source`, in results/<profile>/weights


def files(network: Network, methods: Path = METHODS) -> dict[str, Path]:
    """Where the zoo keeps a network, by the keys of SUFFIXES."""
    name = network.dataset if network.recipe == DEFAULT_RECIPE else f"{network.dataset}.{network.recipe}"
    folder = methods / network.method / "weights"
    return {kind: folder / f"{name}{suffix}" for kind, suffix in SUFFIXES.items()}


def run_files(network: Network, profile: Path) -> dict[str, Path]:
    """Where the run results/<profile> keeps a network, by the keys of SUFFIXES."""
    folder = profile / "weights" / network.dataset / network.method / network.recipe
    return {kind: folder / f"seed{network.training_seed}{suffix}" for kind, suffix in SUFFIXES.items()}


def path_pattern(present: Iterable[Network]) -> str:
    """A regular expression of the files of these networks and of no others, below a run's weights/."""
    names = "|".join(re.escape(f"{n.dataset}/{n.method}/{n.recipe}/seed{n.training_seed}") for n in present)
    suffixes = "|".join(map(re.escape, SUFFIXES.values()))
    return f"(?:{names})(?:{suffixes})$" if names else "(?!)"


def recipe_hash(cards: Cards, network: Network) -> str:
    """Digest of what the cards say of a network's making: its own recipe and those that it is built on."""
    own = recipe(cards[network.method], network.dataset, network.recipe)
    side = cards[network.method]["datasets"][network.dataset].get("low_resolution")
    sources = {role: recipe_hash(cards, source) for role, source in built_on(cards, network).items()}
    start_from = {} if side is None else {"low_resolution": side}
    return sha256_json({"network": own["network"], "training": own["training"], **start_from, **sources})


def shipped(cards: Cards, profile: Mapping[str, Any], methods: Path = METHODS) -> list[Network]:
    """The networks that a profile can take from the zoo."""
    if profile["weights"] != ZOO:
        return []
    return [
        network._replace(training_seed=seed)
        for network in networks(cards)
        if network.dataset in profile["datasets"] and (seed := seed_of(cards, network, methods)) is not None
    ]


def seed_of(cards: Cards, network: Network, methods: Path = METHODS) -> int | None:
    """The seed that a network of the cards' recipe was trained with, if the zoo holds one.

    Raises:
        FewstepError: there are weights, but no manifest, or a broken one.
    """
    paths = files(network, methods)
    if not paths["weights"].exists():
        return None
    manifest = read_manifest(paths["manifest"])
    return manifest["seed"] if manifest["recipe_sha256"] == recipe_hash(cards, network) else None


@no_effect_on_results
def write_manifest(path: str | Path, network: Network, facts: Mapping[str, Any], made_by: Mapping[str, Any]) -> None:
    """Write the manifest of a network that was trained now.

    Args:
        facts: the keys of the schema that training knows.
        made_by: of provenance.record.
    """
    origin = {key: made_by[key] for key in ("git", "hardware", "versions")}
    names = {key: value for key, value in network._asdict().items() if key != "training_seed"}  # `seed` of the facts
    manifest = {"schema_version": SCHEMA_VERSION, **names, **facts, **origin, "source": TRAINED}
    write_json(path, checked(manifest, "weights", prefix=f"{path}: "))


def read_manifest(path: str | Path) -> dict[str, Any]:
    """Read the manifest of a network; a missing or broken one is a FewstepError that names the file and the key."""
    return checked(read_json(path), "weights", prefix=f"{path}: ")


def verify(paths: Mapping[str, str | Path], recipe_sha256: str, fingerprint: str) -> dict[str, Any]:
    """The manifest of a network whose weights are those that it speaks of.

    Args:
        paths: as `files` gives them.
        recipe_sha256: the recipe hash that the cards ask for.
        fingerprint: of the training images and labels (card.json of the data set).

    Raises:
        FewstepError: other bytes, another recipe, other images or other labels; the sentence names the file.
    """
    manifest = read_manifest(paths["manifest"])
    if sha256_file(paths["weights"]) != manifest["sha256"]:
        raise _misfit(paths, "these weights do not have the sha256 that their manifest names")
    if manifest["recipe_sha256"] != recipe_sha256:
        raise _misfit(paths, "these weights were trained by another recipe than the card's")
    if manifest["data"] != fingerprint:
        raise _misfit(paths, "these weights were trained on other images or labels than the data set's")
    return manifest


def _misfit(paths: Mapping[str, str | Path], why: str) -> FewstepError:
    return FewstepError(f"{paths['weights']}: {why}; restore the file, or train with --config weights=train.")
