"""Which images are edited, which they are compared with, and what methods are given of them."""

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.contract.method import ImageShape
from fewstep.data import Split
from fewstep.plan.edit_names import INTERPOLATION
from fewstep.scoring.edit_splits import first, given, others

COUNT = 12
SHAPE = ImageShape(1, 8, 8, 10)


@pytest.fixture
def real():
    return Split(np.random.default_rng(0).integers(0, 256, (COUNT, 8, 8, 1), dtype=np.uint8), np.arange(COUNT) % 10)


def test_more_images_than_are_held_out_are_refused(real):
    with pytest.raises(FewstepError, match="edits.count: 13 images are to be edited, but only 12 are held out"):
        first(real, 13, "edits.count")


@pytest.mark.parametrize("count", [1, 5, 8])
def test_images_are_edited_or_compared_with_and_never_both(real, count):
    edited, rest = first(real, count, "k"), others(real, count, "k")
    assert np.array_equal(np.concatenate([edited.images, rest.images]), real.images)


def test_edits_that_leave_too_little_to_compare_with_are_refused(real):
    with pytest.raises(FewstepError, match="edits.count: with 9 of 12 .* 3 are left .*; edit at most 8"):
        others(real, 9, "edits.count")


def test_inputs_are_what_methods_are_given(real):
    found = given(real, SHAPE, ["inpainting_box", "super_resolution", INTERPOLATION], seed=0)
    assert list(found) == ["inpainting_box", "super_resolution"]
    hole = found["inpainting_box"][:, 2:6, 2:6]
    assert (hole == 128).all() and np.array_equal(found["inpainting_box"][:, :2], real.images[:, :2])
