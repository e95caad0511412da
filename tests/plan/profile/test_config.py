"""Loading a profile: defaults, the order of cells, sizes that fit, and the profiles that ship."""

import copy
import os
import subprocess
import sys

import pytest
import yaml
from small_profile import refuses, section

from fewstep.base.folders import ROOT
from fewstep.base.schema import SCHEMAS
from fewstep.plan import cards as method_cards
from fewstep.plan.cells import cells_of
from fewstep.plan.profile import load


def test_defaults_are_filled_in_and_the_input_is_left_alone(profile, cards):
    before = copy.deepcopy(profile)
    loaded = load(profile, cards)
    assert profile == before
    assert loaded["device"] == "auto" and loaded["training_seeds"] == [0]
    assert section(loaded)["samples"] == {
        "count": 1000,
        "labels": "reference",
        "seeds": [0, 1, 2],
        "shard_size": 500,
        "images_per_job": None,
        "batch_size": 100,
    }
    assert section(loaded)["training_seeds"] == {}
    assert section(loaded)["scores"]["extractor"] == "lenet" and section(loaded)["report"]["grid_columns"] == 10


def test_loading_twice_changes_nothing(profile, cards):
    loaded = load(profile, cards)
    assert load(loaded, cards) == loaded


def test_a_given_value_wins_over_its_default_and_its_neighbours_are_filled_in(profile, cards):
    section(profile)["samples"] = {"count": 12, "seeds": [4]}
    assert section(load(profile, cards))["samples"] == {
        "count": 12, "labels": "reference", "seeds": [4], "shard_size": 500, "images_per_job": None,
        "batch_size": 100,
    }  # fmt: skip


def test_defaults_are_not_shared_between_data_sets(profile, cards):
    profile["datasets"]["toys2"] = copy.deepcopy(section(profile))
    cards["teacher"]["datasets"]["toys2"] = cards["teacher"]["datasets"]["toys"]
    loaded = load(profile, cards)
    section(loaded)["samples"]["seeds"].append(99)
    assert loaded["datasets"]["toys2"]["samples"]["seeds"] == [0, 1, 2]


def test_cells_are_the_list_that_was_written_in_its_order(profile, cards):
    section(profile)["compare"]["student/fixed"] = [4, 1]
    section(profile).setdefault("samples", {})["seeds"] = [7]
    assert [(c.method, c.variant, c.nfe, c.seed) for c in cells_of(load(profile, cards))] == [
        ("teacher", "heun", 5, 7),
        ("teacher", "heun", 9, 7),
        ("student", "fixed", 4, 7),
        ("student", "fixed", 1, 7),
    ]


def test_shard_size_need_not_be_a_multiple_of_the_batch_size(profile, cards):
    section(profile)["samples"] = {"count": 10, "shard_size": 7, "batch_size": 3}
    load(profile, cards)


def test_a_job_makes_whole_shards(profile, cards):
    section(profile)["samples"] = {"count": 10, "shard_size": 4, "images_per_job": 8}
    load(profile, cards)
    section(profile)["samples"]["images_per_job"] = 6
    refuses(profile, cards, "datasets.toys.samples.images_per_job: 6 is no multiple of shard_size, 4.")
    section(profile)["samples"]["images_per_job"] = 0
    refuses(profile, cards, "datasets.toys.samples.images_per_job: this must be at least 1, not 0.")


def test_training_seeds_of_the_profile_and_of_methods_that_it_compares(profile, cards):
    profile["training_seeds"] = [3, 1]
    section(profile)["training_seeds"] = {"teacher": [0, 2]}
    loaded = load(profile, cards)
    assert loaded["training_seeds"] == [3, 1] and section(loaded)["training_seeds"] == {"teacher": [0, 2]}
    section(profile)["training_seeds"] = {"techer": [0]}
    refuses(
        profile, cards,
        "datasets.toys.training_seeds: techer is not among datasets.toys.compare (known: teacher); did you mean"
        " teacher?",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seeds", "sentence"),
    [
        ([], "this must not be empty."),
        ([1, 1], "1 is listed twice."),
        (0, "this must be a list, not 0."),
    ],
)
def test_training_seeds_are_a_list_of_different_ones(profile, cards, seeds, sentence):
    profile["training_seeds"] = seeds
    refuses(profile, cards, f"training_seeds: {sentence}")
    del profile["training_seeds"]
    section(profile)["training_seeds"] = {"teacher": seeds}
    refuses(profile, cards, f"datasets.toys.training_seeds.teacher: {sentence}")


@pytest.mark.parametrize("key", ["precision_recall_k", "density_coverage_k"])
def test_as_many_neighbours_as_there_are_samples(profile, cards, key):
    section(profile).update(samples={"count": 10}, scores={key: 10})
    refuses(profile, cards, f"datasets.toys.scores.{key}: 10 nearest neighbours need more than 10 samples.")


def test_labels_of_enlarged_images_are_not_drawn(profile, cards):
    cards["teacher"]["datasets"]["toys"]["low_resolution"] = 4
    section(profile).update(low_resolution=4, samples={"labels": "uniform"})
    refuses(
        profile,
        cards,
        "datasets.toys.samples.labels: enlarged images have the labels of the test images, not drawn ones.",
    )


@pytest.mark.parametrize("key", ["samples.seeds", "edits.seeds"])
def test_seeds_that_tables_cannot_hold(profile, cards, key):
    profile["training_seeds"] = [2**63]
    refuses(profile, cards, f"training_seeds.0: this must be at most {2**63 - 1}, not {2**63}.")
    del profile["training_seeds"]
    group, name = key.split(".")
    section(profile)[group] = {name: [0, 2**63]}
    refuses(profile, cards, f"datasets.toys.{key}.1: this must be at most {2**63 - 1}, not {2**63}.")
    section(profile)[group] = {name: [2**63 - 1]}
    load(profile, cards)


@pytest.mark.parametrize("name", ["ci", "mnist"])
def test_shipped_profiles_fit_the_shipped_methods(name):
    raw = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text(encoding="utf-8"))
    loaded = load(raw, method_cards.discover())
    assert loaded["profile"] == name and list(cells_of(loaded))


@pytest.mark.parametrize("name", ["ci", "mnist"])
def test_every_key_of_a_shipped_profile_is_commented_where_it_first_occurs(name):
    seen = set()
    for line in (ROOT / f"config/{name}.yaml").read_text(encoding="utf-8").splitlines():
        key, _, value = line.strip().partition(":")
        is_section = not value.strip()
        assert "#" in line or not line.strip() or is_section or "/" in key or key in seen, line
        seen.add(key)


def test_every_key_of_the_schema_is_explained_in_the_readme():
    text = (ROOT / "config/README.md").read_text(encoding="utf-8")
    schema = yaml.safe_load((SCHEMAS / "config.schema.yaml").read_text(encoding="utf-8"))
    dataset = schema["properties"]["datasets"]["additionalProperties"]["properties"]
    for key in [*schema["properties"], *dataset]:
        assert f"`{key}" in text, key
    for name in ("samples", "scores", "accuracy_score", "fool_rate", "speed", "edits", "report", "study"):
        for key in dataset[name]["properties"]:
            assert f"`{name}.{key}`" in text, key


def test_loading_imports_nothing_heavy():
    code = "import sys, fewstep.plan.profile; print([m for m in ('torch', 'numpy', 'pandas') if m in sys.modules])"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=environment, check=True
    )
    assert done.stdout.strip() == "[]"
