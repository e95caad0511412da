"""What is kept of a run: weights that ship, and a baseline that later runs are checked against."""

import copy
import json

import pytest
from project_copy import PRESENTATION, Project

pytestmark = pytest.mark.workflow


def test_what_a_run_trained_ships_is_used_where_it_fits_and_refused_where_it_does_not(running):
    running.run("zoo")
    shipped = running.folder / "methods" / "edm" / "weights" / "digits.safetensors"
    used = running.results / "weights/digits/edm/default/seed0.safetensors"
    manifest = used.with_suffix(".json")
    assert shipped.stat().st_size < 0.6 * used.stat().st_size  # half precision
    scores = json.loads(shipped.with_suffix(".json").read_text(encoding="utf-8"))["scores"]
    assert [(score["variant"], score["nfe"], score["n_samples"], score["seeds"]) for score in scores] == [
        ("heun", 3, 40, [0, 1])
    ]

    assert set(running.planned("--config", "weights=train")) == PRESENTATION
    planned = running.planned()
    assert planned["use_zoo"] == 2 and "train" not in planned
    # Of the teacher: both are other networks.
    with running.edited("methods/edm/method.yaml", "learning_rate: 0.003\n", "learning_rate: 0.002\n"):
        planned = running.planned()
        assert planned["train"] == 2 and "use_zoo" not in planned
    with running.edited("methods/consistency_distillation/method.yaml", "substeps: 1\n", "substeps: 2\n"):
        planned = running.planned()
        assert planned["train"] == planned["use_zoo"] == 1

    printed = running.run("check")  # there is no baseline: the zoo's own scores are compared
    assert "fd_lenet (zoo)" in printed and "passed" in printed
    assert used.read_bytes() == shipped.read_bytes()
    assert json.loads(manifest.read_text(encoding="utf-8"))["source"] == "zoo"
    assert "in use, left as it is" in running.run("zoo")

    shipped.write_bytes(used.read_bytes()[:-1])
    failed = running.snakemake("results/tiny/weights/digits/edm/default/seed0.safetensors")
    assert failed.returncode != 0 and "Traceback" not in failed.stdout
    assert "fewstep: methods/edm/weights/digits.safetensors: these weights do not have the sha256" in failed.stdout
    shipped.with_suffix(".json").unlink()
    stopped = running.snakemake("--dry-run")
    assert "fewstep: " in stopped.stdout and "digits.json: there is no such file." in stopped.stdout


def test_check_passes_against_its_own_baseline_and_fails_against_any_other(running):
    baseline = running.folder / "results" / "baselines" / "tiny.json"
    assert_check(running, 1, "tiny.json")  # there is no baseline yet
    running.run("baseline")
    good = json.loads(baseline.read_text(encoding="utf-8"))
    assert_check(running, 0, "passed")

    doctored = copy.deepcopy(good)
    doctored["speed"][0]["parameters"] += 1
    baseline.write_text(json.dumps(doctored))
    assert_check(running, 1, "changed")

    more = copy.deepcopy(good)
    more["quality"].append({**more["quality"][0], "metric": "fid"})
    baseline.write_text(json.dumps(more))
    assert_check(running, 1, "missing")

    baseline.write_text(json.dumps({**good, "quality": [], "speed": []}))
    assert_check(running, 1, "FAILED")


def assert_check(project: Project, status: int, word: str) -> None:
    done = project.snakemake("check")
    assert done.returncode == status and word in done.stdout, done.stdout
    assert "Traceback" not in done.stdout
