"""The table of searched settings: every candidate, and which one was taken."""

import csv
import io
import json

import pytest

from fewstep.report import searched
from fewstep.report.sections import pictures

SCHEDULES = [{"schedule": {"family": family, "first": 1e-4}} for family in ("linear", "log_linear", "cosine")]
LEVELS = [{"s": 0.2}, {"s": 0.0}]
COLUMNS = ("variant", "nfe", "candidate", "chosen")


def found(candidates, values):
    scores = [{"settings": c, "value": v, "standard_error": 0.5} for c, v in zip(candidates, values, strict=True)]
    choice = candidates[values.index(min(values))]
    return {"choice": choice, "distance": "fd_lenet", "seed": 1, "count": 300, "scores": scores}


@pytest.fixture
def searching(run, tmp_path):
    """The run with two variants that are searched, one of them at two NFE."""
    cards = json.loads(json.dumps(run.cards))
    cards["edm"]["variants"]["heun"]["search"] = {"s": [0.2, 0.0]}
    cards["ddpm"]["variants"]["ddim"]["search"] = {"schedule": [c["schedule"] for c in SCHEDULES]}
    folder = tmp_path / "search" / "mnist"
    folder.mkdir(parents=True)
    level = {"17": found(LEVELS, [1 / 3, 4.0]), "9": found(LEVELS, [8.0, 5.0])}
    (folder / "edm.heun.json").write_text(json.dumps({"nfe": level}))
    (folder / "ddpm.ddim.json").write_text(json.dumps({"nfe": {"5": found(SCHEDULES, [7.0, 6.0, 9.0])}}))
    return type(run)(tmp_path, cards, run.config)


def test_every_candidate_has_a_row_with_every_digit_and_the_best_is_chosen(searching):
    rows = list(csv.DictReader(io.StringIO(searched.to_csv(searched.searches(searching, "mnist")))))
    assert [tuple(row[name] for name in COLUMNS) for row in rows] == [
        ("ddim", "5", "schedule linear, 0.0001", "0"),
        ("ddim", "5", "schedule log-linear, 0.0001", "1"),
        ("ddim", "5", "schedule cosine, 0.0001", "0"),
        ("heun", "9", "s 0.2", "0"),
        ("heun", "9", "s 0", "1"),
        ("heun", "17", "s 0.2", "1"),
        ("heun", "17", "s 0", "0"),
    ]
    assert float(rows[5]["value"]) == 1 / 3 and {row["metric"] for row in rows} == {"fd_lenet"}


def test_the_same_is_told_in_words(searching):
    told = searched.listing(searched.searches(searching, "mnist"), "mnist")
    assert told.heads == ("Sampler", "NFE", "Candidate", "FD (lenet) ↓", "Choice") and "300" in told.caption
    assert told.lines[4].cells == ("EDM (Heun)", "9", "s 0", "5.0 ± 1.0", "taken")
    assert [line.cells[-1] for line in told.lines].count("taken") == 3


def test_the_files_are_written_where_something_is_searched_and_linked_from_the_figure(searching, run, tmp_path):
    searched.write_searched(run, "mnist", tmp_path / "none")
    assert not (tmp_path / "none").exists()
    searched.write_searched(searching, "mnist", tmp_path)
    assert {path.suffix for path in tmp_path.glob("searched_mnist.*")} == {".csv", ".md", ".tex"}
    (tmp_path / "searched_settings_mnist.svg").write_text('<svg viewBox="0 0 1 1"></svg>')
    (picture,) = pictures.pictures(("searched_settings",), "mnist", tmp_path, tmp_path)
    assert [file.name for file in picture.downloads] == ["searched_mnist.csv"]
