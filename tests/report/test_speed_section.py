"""What the section on speed says of methods whose networks take turns."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from fewstep.report import stages
from fewstep.report.blocks import Listing
from fewstep.report.sections import speed


@pytest.fixture
def staged(run, tmp_path):
    """The run with two stages in two cells, of which one was not timed."""
    path = tmp_path / "samples" / "mnist" / "edm.json"
    path.parent.mkdir(parents=True)
    per_stage = {"7x7": 3.0, "28x28": 6.0}
    cells = [{"variant": v, "nfe": 9, "seed": s, "stage_nfe": per_stage} for v in ("heun", "euler") for s in (0, 1)]
    path.write_text(json.dumps({"cells": [*cells, {"variant": "euler", "nfe": 5, "stage_nfe": {"model": 5.0}}]}))
    other = type(run)(tmp_path, run.cards, run.config)
    timed = run.speed_table[(run.speed_table.variant != "euler") | (run.speed_table.nfe != 9)].copy()
    timed.loc[(timed.variant == "heun") & (timed.nfe == 9), "stage_flops"] = "7x7=100000000;28x28=300000000"
    vars(other).update(summaries=run.summaries, speed_table=timed)
    return other


def test_every_stage_has_its_evaluations_and_its_arithmetic(staged):
    small, large, *untimed = stages.stages(staged, "mnist")
    assert small == ("edm", "heun", "EDM (Heun)", 9, "7x7", 3, 1e8, 0.25)
    assert large == ("edm", "heun", "EDM (Heun)", 9, "28x28", 6, 3e8, 0.75)
    assert [(s.variant, s.stage, s.evaluations) for s in untimed] == [("euler", "7x7", 3), ("euler", "28x28", 6)]
    assert all(np.isnan(s.flops) and np.isnan(s.share) for s in untimed)


def test_the_table_says_so_and_the_file_keeps_every_digit(staged, tmp_path):
    told = stages.listing(stages.stages(staged, "mnist"), "mnist")
    assert [line.cells for line in told.lines] == [
        ("EDM (Heun)", "9", "7x7", "3", "0.100", "25.0"),
        ("EDM (Heun)", "9", "28x28", "6", "0.300", "75.0"),
        ("EDM (Euler)", "9", "7x7", "3", "n/a", "n/a"),
        ("EDM (Euler)", "9", "28x28", "6", "n/a", "n/a"),
    ]
    stages.write_stages(staged, "mnist", tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "stages_mnist.csv").read_text(encoding="utf-8"))))
    assert [row["flops_per_image"] for row in rows] == ["100000000", "300000000", "", ""]
    for suffix in ("md", "tex"):
        assert "28x28" in (tmp_path / f"stages_mnist.{suffix}").read_text(encoding="utf-8")


def test_the_section_shows_the_stages_and_links_their_table(staged, tmp_path):
    stages.write_stages(staged, "mnist", tmp_path)
    (section,) = speed.sections(staged, "mnist", tmp_path)
    table = section.blocks[-1]
    assert isinstance(table, Listing) and len(table.rows) == 4 and table.downloads[0].name == "stages_mnist.csv"


def test_a_run_without_stages_has_no_such_table_and_an_empty_file(run, tmp_path):
    (section,) = speed.sections(run, "mnist", tmp_path)
    assert len(section.blocks) == 1
    stages.write_stages(run, "mnist", tmp_path)
    assert len(pd.read_csv(tmp_path / "stages_mnist.csv")) == 0
