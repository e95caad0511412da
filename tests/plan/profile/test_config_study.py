"""Studies: an optional section that shows some of the cells to people, with sides and items in balance."""

import pytest
from small_profile import refuses, section

from fewstep.plan.profile import load


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
