"""Paths in a profile: there where they are read, readable, of the right kind, and absent where they mean nothing."""

import os

import pytest
from small_profile import refuses, section

from fewstep.plan.profile import load


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
    section(profile).update(source="cifar10", path="/made/when/needed", scores={"extractor": "inception"})
    load(profile, cards)


def test_lenet_is_refused_where_none_ships_for_the_images(profile, cards):
    section(profile).update(source="cifar10")
    refuses(
        profile,
        cards,
        "datasets.toys.scores.extractor: lenet ships with weights for digits, mnist, photos, not for toys; take rotnet,"
        " which is trained on the real images, or inception, or name extractor_weights.",
    )
    for extractor in ("rotnet", "inception"):
        section(profile)["scores"] = {"extractor": extractor}
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
