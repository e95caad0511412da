"""Edited image i depends on its own held-out image, and on what is known of that alone; constraints are measured."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.contract.conditions import KnownContent
from fewstep.data import Split
from fewstep.diffusion.editing import edit_consistency
from fewstep.plan.cells import Cell
from fewstep.plan.edit_names import INTERPOLATION, TASKS
from fewstep.sampling.sampler import maker, sample_cell

COUNT = 12
GREY_TASKS = [name for name in TASKS if name != "colourisation"]


@pytest.fixture
def real():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (COUNT, 4, 4, 1), dtype=np.uint8)
    return Split(coarse.repeat(2, 1).repeat(2, 2), np.arange(COUNT) % 10)


@pytest.fixture
def editor(make_sampler):
    """A function of a task and the real images that gives the sampler of the cell."""

    def sampler(task, real, nfe=None):
        cell = Cell("toys", f"edit/{task}", "tiny", "multistep", nfe or (1 if task == "denoising" else 3), 0, 0)
        make = maker(SimpleNamespace(edit=edit_consistency), cell)
        return make_sampler(cell=cell, make=make, condition=KnownContent(task, real))

    return sampler


def edited(sampler, indices=range(COUNT), batch=4):
    return sampler.images(list(indices), batch).images


@pytest.mark.parametrize("task", GREY_TASKS)
def test_any_batch_size_and_any_part_give_the_same_images(editor, real, task):
    sampler = editor(task, real)
    whole = edited(sampler).astype(int)
    assert whole.std() > 10
    for images, rows in ((edited(sampler, batch=1), range(COUNT)), (edited(sampler, [9, 2, 5], 3), [9, 2, 5])):
        difference = np.abs(images.astype(int) - whole[list(rows)])
        assert difference.max() <= 1 and (difference > 0).sum() <= 2  # of hundreds, where a value lies half-way


@pytest.mark.parametrize("task", GREY_TASKS)
def test_the_truth_changes_an_edit_only_through_what_is_known(editor, real, task):
    other = Split(real.images.copy(), real.labels)
    before = edited(editor(task, real))
    if task == "inpainting_box":
        other.images[:, 2:6, 2:6] = 255 - other.images[:, 2:6, 2:6]
        assert np.array_equal(before, edited(editor(task, other)))
    other.images[:] = 255 - other.images
    assert np.array_equal(before, edited(editor(task, other))) == (task == INTERPOLATION)


def test_constraints_are_measured_before_and_after_rounding(editor, real):
    errors = editor("super_resolution", real).images(range(COUNT), 4).errors
    assert errors.shape == (COUNT, 2) and errors[:, 0].max() < 1e-9 and 0 < errors[:, 1].max() <= 1
    assert np.isnan(editor("strokes", real).images(range(COUNT), 4).errors).all()
    sampler = editor("inpainting_box", real)
    careless = replace(sampler, make=lambda model, request: sampler.make(model, request) + 0.1)
    assert careless.images(range(COUNT), 4).errors[:, 0] == pytest.approx(12.75, rel=1e-6)


def test_samples_have_no_constraint(make_sampler):
    assert make_sampler().images(range(2), 2).errors is None


def test_the_worst_error_of_a_cell_is_known_also_of_shards_that_were_kept(editor, real, tmp_path):
    sampler = editor("inpainting_box", real)
    worse = {2: 0.1, 9: 0.2}  # by index

    def make(model, request):
        images = sampler.make(model, request)
        for place, index in enumerate(request.indices):
            images[place] += worse.get(index, 0.0)
        return images

    careless = replace(sampler, make=make)
    assert sample_cell(careless, tmp_path, "key", 0, 8, 4, 4)["constraint_error"][0] == pytest.approx(12.75)
    entry = sample_cell(careless, tmp_path, "key", 0, COUNT, 4, 4)
    assert len(entry["shards"]) == 3 and entry["constraint_error"][0] == pytest.approx(25.5)
    again = sample_cell(careless, tmp_path, "key", 0, COUNT, 4, 4)
    assert again["constraint_error"] == entry["constraint_error"] and again["shards"] == entry["shards"]
    assert sample_cell(sampler, tmp_path / "right", "key", 0, COUNT, 4, 4)["constraint_error"] == [0.0, 0.0]
    free = sample_cell(editor("strokes", real), tmp_path, "key", 0, COUNT, 4, 4)
    assert free["constraint_error"] is None and free["truth"] == entry["truth"]


def test_a_wrong_count_of_evaluations_is_an_error(editor, real):
    with pytest.raises(FewstepError, match=r"denoising NFE 2 .* declared with NFE 2, but 1 evaluations"):
        edited(editor("denoising", real, nfe=2), range(4))
