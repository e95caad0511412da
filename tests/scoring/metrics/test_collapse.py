"""Signs of collapse are told for what is collapsed, and for nothing else."""

import pytest

from fewstep.base.statistics import Pooled
from fewstep.scoring.metrics.collapse import signs


def score(value, half=0.0):
    return Pooled(value, half / 2, value - half, value + half)


HEALTHY = {
    "fd_lenet": score(900.0),
    "class_share_0": score(0.25),
    "class_share_1": score(1.75),
    "duplicate_rate": score(0.01, 0.005),
    "relative_brightness": score(0.81, 0.02),
    "relative_contrast": score(1.3, 0.11),
}


def test_healthy_samples_and_no_scores_tell_nothing():
    assert signs(HEALTHY) == [] and signs({}) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"class_share_7": score(0.0), "class_share_9": score(0.0)}, "no sample of class 7, 9"),
        ({"class_share_7": score(0.12)}, "class 7 at 12% of its share"),
        ({"duplicate_rate": score(0.03, 0.01)}, "3.0% of the samples are all but copies of another"),
        ({"relative_brightness": score(0.5, 0.1)}, "50% darker than real images"),
        ({"relative_brightness": score(1.4, 0.1)}, "40% brighter than real images"),
        ({"relative_contrast": score(0.6, 0.1)}, "40% flatter than real images"),
        ({"relative_contrast": score(1.5, 0.1)}, "50% harsher than real images"),
    ],
)
def test_each_sign_is_told_by_itself(change, told):
    assert signs(HEALTHY | change) == [told]


def test_a_shift_or_copies_within_their_interval_are_not_told():
    assert signs({"relative_brightness": score(0.7, 0.15), "duplicate_rate": score(0.02, 0.015)}) == []
