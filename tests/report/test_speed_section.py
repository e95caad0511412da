"""What the section on speed says of methods whose networks take turns."""

import csv
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from on_disk import FACTS, write_manifest

from fewstep.plan.cells import GENERATE, Cell
from fewstep.report.blocks import Listing
from fewstep.report.sections import speed
from fewstep.report.tables import stages, write_tables


@pytest.fixture
def staged(run, tmp_path):
    """The run with two stages in two cells, of which one was not timed."""

    def entry(variant, nfe, seed, **stage_nfe):
        cell = Cell("mnist", GENERATE, "edm", variant, nfe, 0, seed)
        return {**cell._asdict(), **FACTS, "stage_nfe": stage_nfe, "shards": []}

    cells = [entry(v, 9, seed, **{"7x7": 3.0, "28x28": 6.0}) for v in ("heun", "euler") for seed in (0, 1)]
    path = write_manifest(tmp_path, *cells, entry("euler", 5, 0, model=5.0))
    other = replace(run, files={"mnist": replace(run.files["mnist"], samples={"edm": [path]})})
    timed = run.speed[(run.speed.variant != "euler") | (run.speed.nfe != 9)].copy()
    timed.loc[(timed.variant == "heun") & (timed.nfe == 9), "stage_flops"] = "7x7=100000000;28x28=300000000"
    vars(other).update(summaries=run.summaries, speed=timed)
    return other


def test_every_stage_has_its_evaluations_and_its_arithmetic(staged):
    small, large, *untimed = stages.stages(staged, "mnist")
    assert small == ("edm", "heun", "EDM (Heun)", 9, "7x7", 3, 1e8, 0.25)
    assert large == ("edm", "heun", "EDM (Heun)", 9, "28x28", 6, 3e8, 0.75)
    assert [(s.variant, s.stage, s.evaluations) for s in untimed] == [("euler", "7x7", 3), ("euler", "28x28", 6)]
    assert all(np.isnan(s.flops_per_image) and np.isnan(s.share) for s in untimed)


def test_the_table_says_so_and_the_file_keeps_every_digit(staged, tmp_path):
    table = stages.table(stages.stages(staged, "mnist"), "mnist")
    assert [row.cells for row in table.rows] == [
        ("EDM (Heun)", "9", "7x7", "3", "0.100", "25.0"),
        ("EDM (Heun)", "9", "28x28", "6", "0.300", "75.0"),
        ("EDM (Euler)", "9", "7x7", "3", "n/a", "n/a"),
        ("EDM (Euler)", "9", "28x28", "6", "n/a", "n/a"),
    ]
    write_tables(staged, tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "stages_mnist.csv").read_text(encoding="utf-8"))))
    assert [row["flops_per_image"] for row in rows] == ["100000000", "300000000", "", ""]
    for suffix in ("md", "tex"):
        assert "28x28" in (tmp_path / f"stages_mnist.{suffix}").read_text(encoding="utf-8")


def test_the_section_shows_the_stages_and_links_their_table(staged, tmp_path):
    write_tables(staged, tmp_path)
    (section,) = speed.sections(staged, "mnist", tmp_path)
    table = section.blocks[-1]
    assert isinstance(table, Listing) and len(table.table.rows) == 4 and table.downloads[0].name == "stages_mnist.csv"


def test_a_run_without_stages_has_no_such_table_and_an_empty_file(run, tmp_path):
    (section,) = speed.sections(run, "mnist", tmp_path)
    assert len(section.blocks) == 1
    write_tables(run, tmp_path)
    assert len(pd.read_csv(tmp_path / "stages_mnist.csv")) == 0
