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

import numpy as np
import safetensors.numpy

from fewstep.cards import DEFAULT_RECIPE, Cards, Network, built_on, networks, recipe
from fewstep.errors import FewstepError
from fewstep.files import atomic_write, read_json, sha256_file, sha256_json, write_json, write_text
from fewstep.marks import no_effect_on_results
from fewstep.paths import METHODS
from fewstep.schema import checked

SCHEMA_VERSION = 2
# What a network leaves on disk, here and in results/<profile>/weights/<dataset>/<method>/<recipe>/.
SUFFIXES = {"weights": ".safetensors", "manifest": ".json", "losses": ".log.csv", "snapshots": ".snapshots.npz"}
MOST_BYTES = 4_000_000  # of a file of weights: two million parameters in half precision
MOST_BYTES_TOGETHER = 40_000_000
LOSS_ROWS = 200  # of a thinned log
SNAPSHOTS = 3  # of the five or so of a run
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


def take(
    paths: Mapping[str, str | Path], out: Mapping[str, str | Path], recipe_sha256: str, fingerprint: str
) -> dict[str, Any]:
    """Copy a network of the zoo, once verified, to where a run keeps it; returns the manifest that is written there."""
    manifest = {**verify(paths, recipe_sha256, fingerprint), "source": ZOO}
    for kind in ("weights", "losses", "snapshots"):
        _copy(paths[kind], out[kind])
    write_json(out["manifest"], manifest)
    return manifest


def put(made: Mapping[str, Path], out: Mapping[str, Path], scores: list[dict[str, Any]]) -> None:
    """Copy a network that a run trained into the zoo, its manifest last, with its scores.

    Args:
        made: files of the run, as `run_files` gives them.
        out: as `files` gives them.
        scores: what the manifest tells of samples of this network (see `baseline.quality`).

    Raises:
        FewstepError: the weights are too large, or not those that the run's manifest speaks of.
    """
    manifest = read_manifest(made["manifest"])
    verify(made, manifest["recipe_sha256"], manifest["data"])
    weights = rounded(made["weights"].read_bytes(), str(made["weights"]))
    if len(weights) > MOST_BYTES:
        raise FewstepError(
            f"{made['weights']}: {len(weights) / 1e6:.1f} MB; weights that ship have {MOST_BYTES / 1e6:g} at most."
        )
    with atomic_write(out["weights"]) as file:
        file.write(weights)
    with atomic_write(out["snapshots"]) as file:
        np.savez_compressed(file, **fewer(np.load(made["snapshots"])))
    write_text(out["losses"], thinned(made["losses"].read_text(encoding="utf-8")))
    manifest.pop("source")
    origin = {"sha256": sha256_file(out["weights"]), "trained_sha256": manifest["sha256"]}
    write_json(out["manifest"], {**manifest, **origin, "scores": scores})


def rounded(weights: bytes, source: str = "weights") -> bytes:
    """A safetensors file with its float32 tensors rounded to float16, where that does them no harm.

    It halves what everybody downloads. The relative error, 2^-11 of each weight, is far below what another training
    seed changes; the regression check compares the scores of the rounded network with those of the trained one. A
    tensor that float16 cannot hold stays in float32, and is named on standard output.

    Args:
        weights: of the file.
        source: what messages call it.

    Raises:
        FewstepError: a tensor holds NaN or infinity.
    """
    tensors = safetensors.numpy.load(weights)
    if bad := [name for name, tensor in tensors.items() if not np.isfinite(tensor).all()]:
        raise FewstepError(f"{source}: {', '.join(bad)}: NaN or infinite values; such weights do not ship.")
    single = {name: tensor for name, tensor in tensors.items() if tensor.dtype == np.float32}
    kept = [name for name, tensor in single.items() if not fits_half(tensor)]
    if kept:
        print(f"{source}: {', '.join(kept)}: beyond the range of half precision; kept in float32.")
    return safetensors.numpy.save(
        tensors | {name: tensor.astype(np.float16) for name, tensor in single.items() if name not in kept}
    )


def fits_half(tensor: np.ndarray) -> bool:
    """Whether float16 holds a finite float32 tensor: no number overflows, and at most half of them are too small.

    Below 2^-14 float16 loses digits, and below 2^-25 all of them. Among larger weights such a number does not count;
    where the median is one, the tensor would be lost.
    """
    magnitudes = np.abs(tensor[tensor != 0])
    limits = np.finfo(np.float16)
    return not magnitudes.size or bool(magnitudes.max() <= limits.max and np.median(magnitudes) >= limits.tiny)


def thinned(log: str, most: int = LOSS_ROWS) -> str:
    """A loss log (CSV) of at most `most` rows, evenly chosen, the last among them."""
    head, *rows = log.splitlines(keepends=True)
    stride = -(-len(rows) // most)
    return head + "".join(rows[::-1][:: stride or 1][::-1])


def fewer(snapshots: Mapping[str, np.ndarray], most: int = SNAPSHOTS) -> dict[str, np.ndarray]:
    """Snapshots of at most `most` points of a run, evenly chosen, the first and the last among them."""
    count = len(snapshots["steps"])
    kept = np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(int))
    return {name: array[kept] for name, array in snapshots.items()}


def _copy(source: str | Path, target: str | Path) -> None:
    with atomic_write(target) as file:
        file.write(Path(source).read_bytes())
