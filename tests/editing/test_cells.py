"""Edited image i depends on its own held-out image; shards are resumed; constraints and evaluations are measured."""

import numpy as np
import pytest
import torch
from fewstep.editing.cells import Cell, batch_of, edit_cell, edit_images, first, inputs, others

from fewstep.data import Split
from fewstep.diffusion.editing import edit_consistency
from fewstep.editing.names import INTERPOLATION, PATH, TASKS
from fewstep.errors import FewstepError
from fewstep.features import read_images

COUNT = 12
GREY_TASKS = [name for name in TASKS if name != "colourisation"]


@pytest.fixture
def real():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (COUNT, 4, 4, 1), dtype=np.uint8)
    return Split(coarse.repeat(2, 1).repeat(2, 2), np.arange(COUNT) % 10)


def cell(task, nfe=None, seed=0):
    nfe = nfe or (1 if task == "denoising" else 3)
    return Cell("tiny", "multistep", task, nfe, seed, {"times": {1: [], 2: [0.8], 3: [5.0, 0.8]}})


def edited(model, shape, real, task, indices=range(COUNT), batch=4):
    return edit_images(edit_consistency, model, cell(task), shape, real, list(indices), batch)


@pytest.mark.parametrize("task", GREY_TASKS)
def test_any_batch_size_and_any_part_give_the_same_images(model, shape, real, task):
    whole = edited(model, shape, real, task).images.astype(int)
    assert whole.std() > 10
    for images, rows in (
        (edited(model, shape, real, task, batch=1).images, range(COUNT)),
        (edited(model, shape, real, task, [9, 2, 5], batch=3).images, [9, 2, 5]),
    ):
        difference = np.abs(images.astype(int) - whole[list(rows)])
        assert difference.max() <= 1 and (difference > 0).sum() <= 2  # of hundreds, where a value lies half-way


@pytest.mark.parametrize("task", GREY_TASKS)
def test_the_truth_changes_an_edit_only_through_what_is_known(model, shape, real, task):
    other = Split(real.images.copy(), real.labels)
    if task == "inpainting_box":
        other.images[:, 2:6, 2:6] = 255 - other.images[:, 2:6, 2:6]
        assert np.array_equal(edited(model, shape, real, task).images, edited(model, shape, other, task).images)
    other.images[:] = 255 - other.images
    same = np.array_equal(edited(model, shape, real, task).images, edited(model, shape, other, task).images)
    assert same == (task == INTERPOLATION)


def test_constraints_are_measured_before_and_after_rounding(model, shape, real):
    errors = edited(model, shape, real, "super_resolution").errors
    assert errors.shape == (COUNT, 2) and errors[:, 0].max() < 1e-9 and 0 < errors[:, 1].max() <= 1
    assert np.isnan(edited(model, shape, real, "strokes").errors).all()
    careless = edit_images(
        lambda net, request, task: edit_consistency(net, request, task) + 0.1,
        model, cell("inpainting_box"), shape, real, range(COUNT), 4,
    )  # fmt: skip
    assert careless.errors[:, 0] == pytest.approx(12.75, rel=1e-6)


def test_a_path_shares_the_label_and_the_noises_of_its_first_image(shape, real):
    request, task = batch_of(cell(INTERPOLATION), shape, real, [0, 3, PATH, PATH + 1])
    assert list(request.indices) == [0, 0, PATH, PATH] and request.labels.tolist() == [0, 0, PATH % 10, PATH % 10]
    assert torch.equal(request.noise()[0], request.noise()[1]) and len(set(task.shares.tolist())) == 3


def test_shards_are_kept_and_a_wrong_count_of_evaluations_is_an_error(model, shape, real, tmp_path):
    def run(key="key", count=COUNT):
        part = first(real, count, "count")
        return edit_cell(edit_consistency, model, cell("inpainting_box"), shape, part, tmp_path, key, 4, 4)

    entry = run(count=8)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")}
    more = run()
    assert len(stamps) == 2 and all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())
    assert more["shards"][:2] == entry["shards"] and len(more["shards"]) == 3
    assert more["measured_nfe"] == 3 and more["constraint_error"] == [0.0, 0.0]
    assert np.array_equal(read_images(tmp_path, more), edited(model, shape, real, "inpainting_box").images)
    with pytest.raises(FewstepError, match="declared with NFE 2, but 1 evaluations"):
        edit_images(edit_consistency, model, cell("denoising", nfe=2), shape, real, range(4), 4)


def test_everything_that_the_pixels_depend_on_is_in_the_key(shape, real):
    other = Split(real.images, real.labels[::-1].copy())
    keys = [
        cell("strokes").key("w", "c", shape, real),
        cell("strokes", seed=1).key("w", "c", shape, real),
        cell("denoising", nfe=3).key("w", "c", shape, real),
        cell("strokes").key("v", "c", shape, real),
        cell("strokes").key("w", "d", shape, real),
        cell("strokes").key("w", "c", shape, other),
        cell("strokes").key("w", "c", shape, Split(255 - real.images, real.labels)),
    ]
    assert len(set(keys)) == len(keys)


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


def test_inputs_are_what_methods_are_given(shape, real):
    given = inputs(real, shape, ["inpainting_box", "super_resolution", INTERPOLATION], seed=0)
    assert list(given) == ["inpainting_box", "super_resolution"]
    hole = given["inpainting_box"][:, 2:6, 2:6]
    assert (hole == 128).all() and np.array_equal(given["inpainting_box"][:, :2], real.images[:, :2])
