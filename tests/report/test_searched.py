"""The table of searched settings: every candidate, and which one was taken."""

import csv
import io
import json
from dataclasses import replace

import pytest

from fewstep.report.sections import pictures
from fewstep.report.tables import searched, write_tables, writers

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
    level = {"17": found(LEVELS, [1 / 3, 4.0]), "9": found(LEVELS, [8.0, 5.0])}
    made = {("edm", "heun"): level, ("ddpm", "ddim"): {"5": found(SCHEDULES, [7.0, 6.0, 9.0])}}
    paths = {pair: tmp_path / "{}.{}.json".format(*pair) for pair in made}
    for pair, by_nfe in made.items():
        paths[pair].write_text(json.dumps({"nfe": by_nfe}))
    return replace(run, files={"mnist": replace(run.files["mnist"], searches=paths)})


def test_every_candidate_has_a_row_with_every_digit_and_the_best_is_chosen(searching):
    rows = list(csv.DictReader(io.StringIO(writers.to_csv(next(searched.files(searching, "mnist")).raw))))
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
    table = searched.table(searched.searches(searching, "mnist"), "mnist")
    heads = [head.title for head in table.heads]
    assert heads == ["Sampler", "NFE", "Candidate", "FD (lenet) ↓", "Choice"] and "300" in table.caption
    assert table.rows[4].cells == ("EDM (Heun)", "9", "s 0", "5.0 ± 1.0", "taken")
    assert [row.cells[-1] for row in table.rows].count("taken") == 3


def test_the_files_are_written_where_something_is_searched_and_linked_from_the_figure(searching, run, tmp_path):
    assert list(searched.files(run, "mnist")) == []
    write_tables(searching, tmp_path)
    assert {path.suffix for path in tmp_path.glob("searched_mnist.*")} == {".csv", ".md", ".tex"}
    (tmp_path / "searched_settings_mnist.svg").write_text('<svg viewBox="0 0 1 1"></svg>')
    (picture,) = pictures.pictures(("searched_settings",), "mnist", tmp_path, tmp_path)
    assert [file.name for file in picture.downloads] == ["searched_mnist.csv"]
