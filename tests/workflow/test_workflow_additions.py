"""What a run makes where it is asked for: scores of a hook and of classifiers, edits, and enlarged images."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
from project_copy import PRESENTATION, PROFILE, rows

from fewstep.data import dealt, read_split, split_fingerprint
from fewstep.scoring import references
from fewstep.study.outcome import Scores, write_scores

pytestmark = pytest.mark.workflow


HOOK = """
def evaluate(model, request, images):
    return {"brightness": images.mean(dim=(1, 2, 3)), "reconstruction_images": images}


def build("""


def test_a_hook_is_found_and_run_on_held_out_images_and_nothing_else_runs_again(running):
    with running.edited("methods/edm/method.py", "\ndef build(", HOOK):
        planned = running.planned()
        assert planned["evaluate"] == 1 and set(planned) <= {"evaluate", "collect_scores"} | PRESENTATION
        running.run("results/tiny/scores.csv")
    scores = rows(running.results / "scores.csv")
    found = {row["metric"]: row for row in scores if row["task"] == "evaluate"}
    assert list(found) == ["brightness", "reconstruction_fd_lenet"]
    cells = {(row["method"], row["variant"], row["nfe"], row["n_samples"]) for row in found.values()}
    assert cells == {("edm", "heun", "0", "360")}  # of the network, not of its samplers
    (floor,) = [row for row in scores if (row["variant"], row["metric"]) == ("test", "fd_lenet")]
    assert float(found["reconstruction_fd_lenet"]["value"]) == pytest.approx(float(floor["value"]))


def test_edits_are_made_scored_timed_and_shown_and_nothing_else_runs_again(running):
    profile = copy.deepcopy(PROFILE)
    asked = {"super_resolution": [5], "interpolation": [3]}
    profile["datasets"]["digits"]["edits"] = {"count": 24, "compare": {"edm/heun": asked}}
    running.write_profile(profile)
    planned = running.planned()
    made = {"sample": 1, "score": 1, "reference": 1, "edit_inputs": 1, "time_samplers": 1}
    made |= {"collect_scores": 1, "collect_speed": 1}
    assert made.items() <= planned.items() and set(planned) <= made.keys() | PRESENTATION
    timings = running.written("speed/digits/**/*.json")
    running.run()
    assert timings and timings.items() <= running.written("speed/digits/**/*.json").items()
    found = [row | {"task": row["task"].removeprefix("edit/")} for row in rows(running.results / "scores.csv")]
    found = [row for row in found if row["task"] in asked]
    values = {(row["method"], row["task"], row["metric"]): float(row["value"]) for row in found if row["value"]}
    assert values["edm", "super_resolution", "constraint_error"] < 1e-9
    assert values["edm", "super_resolution", "constraint_error_8bit"] <= 1
    assert ("edm", "interpolation", "psnr") not in values
    speed = {row["task"]: row for row in rows(running.results / "speed.csv") if row["method"] == "edm"}
    assert speed.keys() == {"generate", "edit/super_resolution", "edit/interpolation"}
    assert float(speed["edit/super_resolution"]["measured_nfe"]) == 5
    assert values["data", "super_resolution", "psnr"] > 5
    assert {row["nfe"] for row in found} == {"0", "3", "5"}
    # Compared with the images that are not edited, by all alike.
    real = dealt(read_split(running.results / "data" / "digits" / "test.npz"))
    reference = references.read(running.results / "reference" / "digits" / "edit.npz")
    assert reference.fingerprint == split_fingerprint(real.take(np.arange(24, len(real))))
    distances = [row for row in found if row["metric"] == "fd_lenet"]
    assert {row["reference"] for row in distances} == {reference.key}
    assert len(distances) == 2 + 3  # edited images, what is given, and for either task the true images
    page = (running.reports / "index.html").read_text(encoding="utf-8")
    assert "Super-resolution on digits" in page and "edits_interpolation_digits.csv" in page
    for name in ("figures/edits_super_resolution_digits.pdf", "tables/edits_super_resolution_digits.tex"):
        assert (running.reports / name).stat().st_size > 0
    assert running.planned() == {}


CLASSIFIED = {
    "accuracy_score": {"compare": {"edm/heun": [3]}, "epochs": 1, "classifier_seeds": [0, 1]},
    "fool_rate": {
        "compare": {"edm/heun": [3], "consistency_distillation/multistep": [1]}, "train_count": 20, "epochs": 1,
    },
}  # fmt: skip


def test_scores_by_classifiers_are_made_where_they_are_asked_for_and_nothing_else_runs_again(running):
    profile = copy.deepcopy(PROFILE)
    profile["datasets"]["digits"] |= CLASSIFIED
    running.write_profile(profile)
    planned = running.planned()
    # Of one method and of real images; of two methods, of both together, and of real images.
    made = {"sample": 1, "classify": 2, "accuracy_score": 1, "observe": 4, "fool_rate": 1, "collect_scores": 1}
    assert made.items() <= planned.items() and set(planned) <= set(made) | PRESENTATION
    running.run()
    found = {(r["method"], r["variant"], r["nfe"], r["metric"]): r for r in rows(running.results / "scores.csv")}
    cells = {key[:3] for key in found if key[3] == "cas"}
    assert cells == {("edm", "heun", "3"), ("data", "train", "0"), ("data", "shuffled", "0")}
    assert found["edm", "heun", "3", "cas"]["n_samples"] == "360" and found["edm", "heun", "3", "cas"]["fits"] == "2"
    cells = {key[1] for key in found if key[3] == "fool_rate"}
    assert cells == {"heun", "multistep", "held_out", "noisy", "untrained"}
    assert ("edm", "heun", "3", "fool_rate_generalist") in found and ("edm", "heun", "3", "cas_gap_9") in found

    with np.load(running.results / "data" / "digits" / "train.npz") as real:
        labels = real["labels"]
    folder = running.results / "samples" / "digits" / "labelled" / "edm"
    manifest = json.loads((folder / "000000.json").read_text(encoding="utf-8"))
    shards = [folder / shard["path"] for shard in manifest["cells"][0]["shards"]]
    assert np.array_equal(np.concatenate([np.load(path)["labels"] for path in shards]), labels)
    assert "Classifiers and observers" in (running.reports / "index.html").read_text(encoding="utf-8")

    assert "Nothing to be done" in running.run()
    with running.edited(
        "workflow/fewstep/scoring/metrics/accuracy_score.py", "score.value / real", "1 * score.value / real"
    ):
        assert set(running.planned()) == {"accuracy_score", "collect_scores"} | PRESENTATION


def test_scores_of_a_study_make_the_page_again_and_are_not_asked_for(running):
    profile = copy.deepcopy(PROFILE)
    profile["datasets"]["digits"]["study"] = {"compare": {"edm/heun": [3]}, "items": 8, "trials": 4}
    running.write_profile(profile)
    running.run()
    cell = {"task": 2, "method": "edm", "variant": "heun", "nfe": 3}
    rate = {"fool_rate": 0.375, "ci_low": 0.2, "ci_high": 0.5, "raters": 1, "items": 8, "trials": 8}
    rate |= {"fool_rate_all_raters": 0.375}
    rater = {"rater": "a", "trials": 8, "catch_trials": 8, "catch_right": 8, "counts": True}
    write_scores(Scores(pd.DataFrame([cell | rate]), pd.DataFrame([rater])), running.results / "study" / "digits")
    assert running.planned() == {"write_page": 1}
    running.run()
    assert "37.5" in (running.reports / "index.html").read_text(encoding="utf-8")
    assert running.planned() == {}


def test_enlarged_images_are_searched_for_paired_with_their_truths_and_scored(fresh, tmp_path):
    project = fresh.copy(tmp_path / "project")
    profile = copy.deepcopy(PROFILE)
    section = profile["datasets"].pop("digits") | {
        "low_resolution": 4,
        "scores": {"extractor": "lenet", "reference_split": "test"},
        "compare": {"bicubic/keys": [1], "sr3/ancestral": [2, 3]},
        "fool_rate": CLASSIFIED["fool_rate"] | {"compare": {"bicubic/keys": [1], "sr3/ancestral": [2]}},
    }
    profile["datasets"]["digits_4to8"] = section
    project.write_profile(profile)
    project.run()

    artefact = project.results / "search" / "digits_4to8" / "sr3.ancestral.json"
    found = json.loads(artefact.read_text(encoding="utf-8"))["nfe"]
    assert set(found) == {"2", "3"} and all(len(entry["scores"]) > 1 for entry in found.values())
    told = rows(project.reports / "tables" / "searched_digits_4to8.csv")
    assert len(told) == sum(len(entry["scores"]) for entry in found.values())
    assert sorted(row["nfe"] for row in told if row["chosen"] == "1") == ["2", "3"]
    every = rows(project.results / "scores.csv")
    assert {row["task"] for row in every} == {"enlarge", "evaluate"}
    table = [r for r in every if r["task"] == "enlarge" and not r["metric"].startswith("fool_rate")]
    # The test images are the reference: they have no distance to themselves, but scores against the truth.
    assert {row["extractor"] for row in table if row["method"] == "data"} == {"pixels"}
    given = [row for row in table if not row["reason"]]
    assert {row["metric"] for row in table if row["reason"]} == {"fd_lenet_bias", "fd_lenet_corrected", "is_lenet"}
    scores = {(row["method"], row["nfe"], row["seed"], row["metric"]): float(row["value"]) for row in given}
    for seed in ("0", "1"):
        assert {"psnr", "ssim_7", "consistency", "bias_grey"} <= {m for a, _, s, m in scores if (a, s) == ("sr3", seed)}
    assert scores["data", "0", "0", "consistency"] == 0 and scores["data", "0", "0", "psnr"] > 58
    assert scores["bicubic", "1", "0", "seed_diversity"] == 0 < scores["sr3", "3", "0", "seed_diversity"]
    assert scores["bicubic", "1", "0", "psnr"] > scores["sr3", "3", "0", "psnr"]  # the network has hardly been trained
    observed = {(r["method"], r["variant"], r["metric"]) for r in every if r["metric"].startswith("fool_rate")}
    kinds = {"fool_rate", "fool_rate_generalist", "fool_rate_paired", "fool_rate_input_shown"}
    assert {kind for *cell, kind in observed if cell == ["sr3", "ancestral"]} == kinds
    for control in ("held_out", "noisy", "untrained"):
        assert {kind for *cell, kind in observed if cell == ["data", control]} == kinds - {"fool_rate_generalist"}
    extras = {(row["nfe"], row["metric"]): row for row in every if row["task"] == "evaluate"}
    assert {nfe for nfe, _ in extras} == {"2", "3"} and {row["n_samples"] for row in extras.values()} == {"80"}
    for nfe in ("2", "3"):
        assert float(extras[nfe, "psnr_mean_of_16"]["value"]) > float(extras[nfe, "psnr_single"]["value"])
    table = (project.reports / "tables" / "evaluation_digits_4to8.md").read_text(encoding="utf-8")
    assert "| SR3 | 2 | PSNR, the mean of 16 samples" in table and "| SR3 | 3 | PSNR, one sample" in table
    assert (project.reports / "figures" / "distance_vs_psnr_digits_4to8.svg").exists()
    page = (project.reports / "index.html").read_text(encoding="utf-8")
    assert (
        "Input, 4 x 4 pixels" in page and "which lowers every distance" in page and "searched_digits_4to8.csv" in page
    )

    section["samples"] = {**section["samples"], "count": 400}
    project.write_profile(profile)
    failed = project.snakemake("results/tiny/samples/digits_4to8/enlarge/bicubic/000000.json")
    assert failed.returncode != 0 and "Traceback" not in failed.stdout
    assert (
        "fewstep: datasets.digits_4to8.samples.count: 400 samples, each of which starts from an image of its own"
        in failed.stdout
    )
