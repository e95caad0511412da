"""What a profile compares: methods, variants, NFE and teachers that there are, on data that they can use."""

import numpy as np
from small_profile import refuses, section

from fewstep.plan.profile import load


def test_nothing_to_compare(profile, cards):
    section(profile)["compare"] = {}
    refuses(
        profile,
        cards,
        "datasets.toys.compare: there is nothing to compare; name methods here, or samples under imports.",
    )
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
        "datasets.toy.compare.teacher/heun: teacher has no recipe for data set toy (8 x 8 pixels, grey, labels); it has"
        " recipes for: toys; did you mean toys?",
    )  # fmt: skip


def test_teacher_that_is_absent_or_lacks_the_data_set(profile, cards):
    section(profile)["compare"] = {"student/heun": [5]}
    cards["teacher"]["datasets"] = {"birds": {}}
    refuses(
        profile, cards,
        "datasets.toys.compare.student/heun: student's teacher teacher has no recipe for data set toys (8 x 8 pixels,"
        " grey, labels); it has recipes for: birds.",
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


def test_methods_that_enlarge_images_and_data_sets_that_give_some_belong_together(profile, cards):
    section(profile).update(low_resolution=4, samples={"count": 360})
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


def test_labels_required_but_absent(profile, cards, tmp_path):
    path = tmp_path / "a.npz"
    images = np.zeros((3, 4, 4, 1), np.uint8)
    section(profile).update(source="npz", path=str(path), compare={"conditional/heun": [5]})
    section(profile)["scores"] = {"extractor": "rotnet"}
    np.savez(path, images=images)
    refuses(
        profile,
        cards,
        f"datasets.toys.compare.conditional/heun: conditional needs labels, but {path} has none.",
    )
    np.savez(path, images=images, labels=np.arange(3))
    load(profile, cards)


def test_teachers_that_learn_from_each_other(profile, cards):
    section(profile)["compare"] = {"student/heun": [5]}
    cards["teacher"]["needs"]["teacher"] = "student"
    refuses(
        profile,
        cards,
        "datasets.toys.compare.student/heun: student's teachers learn from each other (teacher -> student -> teacher).",
    )
    cards["teacher"]["needs"]["teacher"] = "nobody"
    refuses(
        profile,
        cards,
        "datasets.toys.compare.student/heun: student needs the teacher nobody, which is no method (known: teacher,"
        " student, conditional).",
    )
