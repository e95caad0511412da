"""Tables and grids of edited images: every cell has its row, and nothing that was measured is lost."""

import csv
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fewstep.report.blocks import Numbers, Strips
from fewstep.report.figures import write_figure
from fewstep.report.sections import edits as section
from fewstep.report.tables import edits, write_tables


def test_a_task_has_a_row_for_each_cell_that_was_asked_for_and_the_floor_at_the_end(run):
    frame = edits.summary(run, "mnist", "inpainting_box").frame
    assert list(zip(frame.label, frame.nfe, strict=True)) == [
        ("ECT", 2), ("ECT", 4), ("EDM (stochastic Heun)", 35), ("EDM (stochastic Heun)", 71),
        ("As given", 0), ("True images", 0),
    ]  # fmt: skip
    missing = frame[frame.nfe == 71].iloc[0]
    assert np.isnan(missing.psnr_n200) and np.isnan(missing.images_per_second)
    assert run.edits("mnist") == ["inpainting_box", "interpolation"]


def test_scores_come_first_and_speed_last_with_its_batch(run):
    table = edits.table("mnist", "inpainting_box", edits.summary(run, "mnist", "inpainting_box"))
    names = [head.key.removesuffix("_n200") for head in table.heads[2:]]
    assert names[0] == "fd_lenet" and names[-1] == "images_per_second"
    assert {"psnr", "ssim", "constraint_error", "constraint_error_8bit"} == set(names[1:-1])
    assert not any(row.cells[-1].marks for row in table.rows)  # methods are not timed in turn
    assert table.heads[-1].context == "batch 8" and "Kept exactly: pixels around it." in table.caption
    errors = [row.cells[2 + names.index("constraint_error")].text for row in table.rows]
    assert errors == ["0", "0", "0", "n/a", "–", "–"]  # asked for; and not


def test_a_constraint_error_is_the_worst_of_all_seeds_without_an_interval(run):
    both = replace(run)
    vars(both)["scores"] = pd.concat([run.scores, run.scores.assign(seed=1, value=0.1 * run.scores.value)])
    frame = edits.summary(both, "mnist", "inpainting_box").frame
    assert frame.constraint_error_8bit_n200[:3].tolist() == pytest.approx([0.5 * 1.02, 0.5 * 1.04, 0.5 * 1.35])
    assert (frame.constraint_error_8bit_n200_low == frame.constraint_error_8bit_n200_high)[:3].all()
    assert frame.psnr_n200[0] < 15.2 * 0.6


def test_what_has_no_truth_has_no_such_columns(run):
    table = edits.table("mnist", "interpolation", edits.summary(run, "mnist", "interpolation"))
    assert [head.key for head in table.heads[2:]] == ["fd_lenet_n200", "images_per_second"]
    assert "Kept exactly" not in table.caption


def test_the_grid_lies_between_what_was_given_and_the_truth(run):
    rows = edits.strips(run, "mnist", "inpainting_box")
    assert [(row.label, row.nfe) for row in rows] == [
        ("As given", None), ("ECT", 2), ("ECT", 4), ("EDM (stochastic Heun)", 35), ("EDM (stochastic Heun)", 71),
        ("True images", None),
    ]  # fmt: skip
    assert {len(row.images) for row in rows} == {10} and (rows[0].images[:, 7:21, 7:21] == 128).all()
    (path,) = edits.strips(run, "mnist", "interpolation")
    assert path.label == "ECT" and len(path.images) == 8


def test_tables_and_figures_are_written_for_every_task(run, tmp_path):
    write_tables(run, tmp_path)
    assert len(list(tmp_path.glob("edits_*_mnist.*"))) == 2 * 3
    with open(tmp_path / "edits_inpainting_box_mnist.csv", newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [float(row["psnr_n200"]) for row in found[:3]] == pytest.approx([15.2 * 1.02, 15.2 * 1.04, 15.2 * 1.35])
    paths = write_figure("edits_inpainting_box", run, "mnist", tmp_path)
    assert [path.suffix for path in paths] == [".pdf", ".svg", ".png"]
    assert np.asarray(Image.open(paths[2])).std() > 10


def test_the_section_has_a_table_and_a_grid_for_every_task_or_is_absent(run, tmp_path):
    (found,) = section.sections(run, "mnist", tmp_path)
    assert [type(block) for block in found.blocks] == [Numbers, Strips] * 2
    bare = replace(run, settings=[setting for setting in run.settings if not setting[1].startswith("edit/")])
    assert section.sections(bare, "mnist", tmp_path) == []
