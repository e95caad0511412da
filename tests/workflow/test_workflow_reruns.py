"""What each change of code, card, profile or data makes the workflow do again, and what it keeps."""

import copy
import json
import signal
import subprocess
import time

import numpy as np
import psutil
import pytest
from project_copy import PRESENTATION, PROFILE, environment, rows

pytestmark = pytest.mark.workflow
SHARDS = "samples/digits/generate/edm/heun/*/*/*/*.npz"


def changed(**sections) -> dict:
    """The tiny profile with some keys of its data set's sections changed."""
    profile = copy.deepcopy(PROFILE)
    for name, keys in sections.items():
        profile["datasets"]["digits"][name].update(keys)
    return profile


def test_editing_a_figure_redraws_that_figure_and_the_page(finished):
    with finished.edited("workflow/fewstep/report/figures/precision_recall.py", "\ndef ", "\nEDITED = 1\n\ndef "):
        assert finished.planned() == {"draw_figure": 1, "write_page": 1}


def test_editing_a_metric_scores_again_but_runs_no_network(finished):
    with finished.edited("workflow/fewstep/scoring/metrics/kid.py", "_BLOCK = 2048", "_BLOCK = 1024"):
        planned = finished.planned()
    assert planned["score"] == 2 and planned["score_real"] == 1
    assert set(planned) <= {"score", "score_real", "collect_scores", "reference", "check"} | PRESENTATION


def test_editing_a_solver_samples_and_times_its_methods_again_but_trains_nothing(finished):
    with finished.edited("workflow/fewstep/diffusion/solvers.py", "if following > 0:", "if following > 1e-9:"):
        planned = finished.planned()
    assert planned["sample"] == planned["time_samplers"] == 1 and "train" not in planned


def test_editing_what_nothing_calls_reruns_nothing(finished):
    with finished.edited("workflow/fewstep/diffusion/solvers.py", "\ndef ", "\ndef unused():\n    pass\n\n\ndef "):
        assert finished.planned() == {}


def test_editing_a_comment_reruns_nothing(finished):
    with finished.edited("workflow/fewstep/diffusion/solvers.py", "\ndef ", "\n# A remark.\ndef "):
        assert finished.planned() == {}


def test_editing_a_label_draws_again_but_computes_nothing(finished):
    with finished.edited("methods/edm/method.yaml", "EDM (Heun)", "EDM with Heun's method"):
        assert set(finished.planned()) == PRESENTATION


def test_a_file_that_a_card_names_is_an_input(finished):
    named = finished.folder / "methods" / "edm" / "dpm_solver"  # a word of the card, which is now a file
    named.write_text("1", encoding="utf-8")
    try:
        planned = finished.planned()
    finally:
        named.unlink()
    assert planned["train"] == planned["sample"] == 2  # edm, and the student built on it
    assert planned["time_samplers"] == 1


def test_describing_a_run_otherwise_trains_nothing(finished):
    with finished.edited("workflow/fewstep/training/snapshots.py", "COUNT = 10", "COUNT = 9"):
        assert finished.planned() == {}


def test_another_file_of_images_remakes_everything(running):
    images = running.folder / "images.npz"
    profile = copy.deepcopy(PROFILE)
    profile["datasets"]["digits"] |= {"source": "npz", "path": "images.npz"}
    running.write_profile(profile)
    rng = np.random.default_rng(0)
    for _ in range(2):
        np.savez(images, images=rng.integers(0, 256, (400, 8, 8, 1), np.uint8), labels=np.arange(400) % 10)
        planned = running.planned()
        assert planned["prepare_data"] == 1 and planned["train"] == 2
        running.run("results/tiny/data/digits/card.json")


def test_a_new_nfe_samples_and_times_that_nfe_alone(running):
    shards, timings = running.written(SHARDS), running.written("speed/digits/**/*.json")
    running.write_profile(changed(compare={"edm/heun": [3, 5]}))
    planned = running.planned()
    assert [planned[rule] for rule in ("sample", "score", "time_samplers")] == [1, 1, 1]
    assert "train" not in planned and "reference" not in planned
    running.run("speed", "results/tiny/samples/digits/generate/edm/000000.json")
    after = running.written(SHARDS)
    assert shards.items() <= after.items() and len(after) == 2 * len(shards)
    assert timings and timings.items() <= running.written("speed/digits/**/*.json").items()
    assert [row["nfe"] for row in rows(running.results / "speed.csv") if row["method"] == "edm"] == ["3", "5"]


def test_real_images_that_are_the_reference_are_no_floor(running):
    running.write_profile(changed(scores={"reference_split": "test"}))
    running.run()
    assert rows(running.results / "scores" / "digits" / "generate" / "data.csv") == []
    quality = rows(running.reports / "tables" / "quality_digits.csv")
    assert len(quality) == 2 and all(float(row["fd_lenet_n40"]) > 0 for row in quality)
    page = (running.reports / "index.html").read_text(encoding="utf-8")
    assert "Real images (test)" not in page and "None is held out beside them" in page


def test_a_new_seed_and_more_images_keep_the_shards_that_are_there(running):
    """Two seeds of 40 images become three of 80."""
    before = running.written(SHARDS)
    running.write_profile(changed(samples={"seeds": [0, 1, 2], "count": 80}))
    planned = running.planned()
    assert planned["sample"] == 2 and "train" not in planned and "reference" not in planned
    running.run("results/tiny/samples/digits/generate/edm/000000.json")
    after = running.written(SHARDS)
    assert before.items() <= after.items()
    assert (len(before), len(after)) == (2 * 2, 3 * 4)


def test_after_a_kill_the_finished_shards_are_kept(running):
    """kill -9 of Snakemake and its job while shards are being written; --unlock; run again."""
    target = "results/tiny/samples/digits/generate/edm/000000.json"
    running.write_profile(changed(samples={"count": 4000}))
    at_start = running.written(SHARDS)
    process = subprocess.Popen(
        running.command(target),
        cwd=running.folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 120
        while len(running.written(SHARDS)) < len(at_start) + 5 and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        for victim in [process, *psutil.Process(process.pid).children(recursive=True)]:
            victim.send_signal(signal.SIGKILL)
        process.wait()
    kept = running.written(SHARDS)
    assert len(at_start) + 5 <= len(kept) < 2 * 200
    locked = running.snakemake(target)
    assert locked.returncode != 0 and "--unlock" in locked.stdout
    running.run("--unlock")
    running.run(target)
    after = running.written(SHARDS)
    assert kept.items() <= after.items() and len(after) == 2 * 200
    assert not list(running.results.glob("samples/**/*.tmp"))
    cells = json.loads((running.folder / target).read_text(encoding="utf-8"))["cells"]
    assert [sum(shard["count"] for shard in cell["shards"]) for cell in cells] == [4000, 4000]
