"""The check as a user runs it: baseline files, what is printed, and what is refused."""

import copy
import re

import pandas as pd
import pytest
from scored import METRICS, OTHERS, make_others, make_scores, make_speed, zoo_manifest

from fewstep.base.errors import FewstepError
from fewstep.base.files import write_json
from fewstep.results.baseline import read_baseline, reduce, write_baseline
from fewstep.results.check import compare, render, run
from fewstep.results.tables import write_scores, write_speed

MANIFEST = {
    "schema_version": 2, "dataset": "toys", "method": "edm", "recipe": "default", "sha256": "a", "recipe_sha256": "b",
    "settings": {}, "seed": 0, "data": "f", "teacher": None, "start": None, "code": "c", "steps": 1, "batch": 1,
    "parameters": 1, "seconds": 1.0, "device": "cpu", "threads": 1, "git": {}, "hardware": {}, "versions": {},
}  # fmt: skip


@pytest.fixture
def baseline():
    return reduce(make_scores(), make_speed())


@pytest.fixture
def files(tmp_path):
    paths = tmp_path / "scores.csv", tmp_path / "speed.csv", tmp_path / "baseline.json"
    write_scores(make_scores(), paths[0])
    write_speed(make_speed(), paths[1])
    write_baseline(make_scores(), make_speed(), paths[2])
    return paths


def test_run_prints_a_table_and_the_outcome(files, capsys):
    assert run(*files) is False
    assert capsys.readouterr().out.endswith(f"{files[2]}: 10 ok: passed.\n")
    write_scores(make_scores({"fd_lenet": 2}), files[0])
    assert run(*files) is True
    *table, outcome = capsys.readouterr().out.splitlines()
    assert outcome == f"{files[2]}: 9 ok, 1 regression: FAILED."
    assert re.fullmatch(
        r"toys +generate +edm +heun +5 +fd_lenet +10\.01 +20\.02 +\+100\.0% +regression +combined .*", table[-1]
    )


def test_the_zoo_is_compared_beside_the_baseline_or_without_one(files, tmp_path, capsys):
    files[2].unlink()
    manifest = tmp_path / "network.json"
    write_json(manifest, MANIFEST | zoo_manifest())
    assert run(*files, [manifest]) is False
    printed = capsys.readouterr().out
    assert "baseline.json: there is no such file; only" in printed and printed.endswith(": 1 ok: passed.\n")
    write_baseline(make_scores(), make_speed(), files[2])
    assert run(*files, [manifest]) is False and capsys.readouterr().out.endswith(": 11 ok: passed.\n")
    files[2].unlink()
    write_scores(make_scores({"fd_lenet": 2}), files[0])
    assert run(*files, [manifest]) is True
    with pytest.raises(FewstepError, match="baseline.json: there is no such file.$"):
        run(*files)


def test_table_is_aligned(baseline):
    lines = render(compare(make_scores({"recall": 0.1}), make_speed(), baseline)).splitlines()
    start = lines[0].index("verdict")
    assert {line[start:].split()[0] for line in lines[1:]} == {"ok", "regression"}


def test_baseline_survives_the_file(files, baseline):
    assert read_baseline(files[2]) == baseline


def test_baseline_of_nothing_is_refused(tmp_path):
    with pytest.raises(FewstepError, match="b.json: there are no scores to make a baseline of.$"):
        write_baseline(make_scores().iloc[:0], make_speed(), tmp_path / "b.json")


@pytest.mark.parametrize(("column", "other"), [("n_samples", 50), ("extractor", "vgg"), ("protocol", "rotnet")])
def test_seeds_that_were_scored_otherwise_are_not_pooled(column, other):
    mixed = pd.concat([make_scores(seeds=(0,)), make_scores(seeds=(1,), **{column: other})])
    with pytest.raises(
        FewstepError, match=rf"^scores.csv: the seeds of toys/generate/edm/heun/5/\S+ differ in {column}"
    ):
        reduce(mixed, make_speed())


def test_the_baseline_holds_every_row_that_has_a_direction():
    held = reduce(pd.concat([make_scores(), make_others()]), pd.concat([make_speed(), make_speed(task="edit/strokes")]))
    found = {(row["task"], row["metric"]) for row in held["quality"]}
    assert found == {("generate", m) for m in METRICS if m != "fd_lenet_bias"} | {
        (task, metric) for task, metric, *_ in OTHERS.values()
    }
    assert [row["task"] for row in held["speed"]] == ["edit/strokes", "generate"]


def test_missing_and_broken_baselines_are_named(tmp_path, baseline):
    path = tmp_path / "b.json"
    with pytest.raises(FewstepError, match="b.json: there is no such file.$"):
        read_baseline(path)
    path.write_text("{")
    with pytest.raises(FewstepError, match="b.json: this is not valid JSON"):
        read_baseline(path)
    path.write_text('{"schema_version": 1, "quality": [], "speed": []}')
    with pytest.raises(FewstepError, match="b.json: schema_version: 1 is not one of 2.$"):
        read_baseline(path)
    broken = copy.deepcopy(baseline)
    del broken["quality"][0]["low"]
    write_json(path, broken)
    with pytest.raises(FewstepError, match="b.json: quality.0.low: this key is missing.$"):
        read_baseline(path)
