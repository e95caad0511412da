"""The real workflow on a copy of the project: what it writes, and what each change makes it do again."""

import copy
import csv
import json
import signal
import subprocess
import time

import numpy as np
import psutil
import pytest
from project_copy import PROFILE, Project, environment

pytestmark = pytest.mark.workflow
METHODS = ("consistency_distillation", "edm")
PRESENTATION = {"write_manifest", "write_tables", "draw_figure", "write_page"}
SHARDS = "samples/digits/edm/heun/*/*/*.npz"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Project:
    """A project in which nothing has run."""
    return Project.create(tmp_path_factory.mktemp("fresh") / "project")


@pytest.fixture(scope="module")
def finished(fresh, tmp_path_factory) -> Project:
    """A project after a whole run; tests leave it as it is."""
    project = fresh.copy(tmp_path_factory.mktemp("finished") / "project")
    project.run()
    return project


@pytest.fixture
def running(finished, tmp_path) -> Project:
    """A finished project to run more in."""
    return finished.copy(tmp_path / "project")


def changed(**sections) -> dict:
    """The tiny profile with some keys of its data set's sections changed."""
    profile = copy.deepcopy(PROFILE)
    for name, keys in sections.items():
        profile["datasets"]["digits"][name].update(keys)
    return profile


def rows(path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_writes_tables_figures_page_and_manifest(finished):
    scores = rows(finished.results / "results.csv")
    cells = {(row["method"], row["variant"], row["nfe"], row["seed"]) for row in scores}
    assert cells == {
        ("edm", "heun", "3", "0"),
        ("edm", "heun", "3", "1"),
        ("consistency_distillation", "multistep", "1", "0"),
        ("consistency_distillation", "multistep", "1", "1"),
        ("data", "test", "0", "0"),
    }
    assert {row["metric"] for row in scores} >= {"fd_lenet", "kid_lenet", "is_lenet", "precision", "coverage"}
    speed = {row["method"]: row for row in rows(finished.results / "speed.csv")}
    assert {name: float(row["measured_nfe"]) for name, row in speed.items()} == dict(zip(METHODS, (1, 3), strict=True))
    manifest = json.loads((finished.results / "manifest.json").read_text())
    assert len(manifest["weights"]) == 2 and manifest["lock_sha256"] != "unknown"
    assert {made["source"] for made in manifest["networks"].values()} == {"training"}
    for method in METHODS:
        with np.load(finished.results / "weights" / "digits" / method / "default.snapshots.npz") as taken:
            assert taken["steps"].tolist() == [1, 2, 4] and taken["images"].shape == (3, 10, 8, 8, 1)
    assert rows(finished.results / "extras.csv") == []  # neither method has a hook
    assert "<html" in (finished.reports / "index.html").read_text()
    for kind in ("pdf", "svg", "png"):
        assert len(list((finished.reports / "figures").glob(f"*.{kind}"))) == 6
    for kind in ("csv", "md", "tex"):
        assert (finished.reports / "tables" / f"quality_digits.{kind}").stat().st_size > 0


def test_no_file_of_a_run_names_the_folder_it_ran_in(finished):
    """Results can be shared as they are."""
    texts = [path for kind in ("json", "csv", "md", "html") for path in finished.folder.glob(f"re*/tiny/**/*.{kind}")]
    assert texts and not [path for path in texts if str(finished.folder.parent) in path.read_text()]


def test_a_second_run_says_that_nothing_is_to_be_done(finished):
    began = time.monotonic()
    assert "Nothing to be done" in finished.run()
    assert time.monotonic() - began < 15


def test_a_run_moves_with_its_folder(running):
    assert running.planned() == {}


def test_a_plain_call_runs_the_default_profile(fresh):
    planned = fresh.planned(profile=None)
    assert planned["train"] >= 5 and planned["write_page"] == 1
    assert "results/mnist/results.csv" in fresh.snakemake("--dry-run", "--quiet", "host", profile=None).stdout


@pytest.mark.parametrize(
    ("target", "makes", "leaves"),
    [
        ("tables", {"write_tables"}, {"draw_figure", "write_page"}),
        ("figures", {"draw_figure"}, {"write_tables", "write_page"}),
        ("speed", {"time_sampler", "collect_speed"}, {"score", "extract_features", *PRESENTATION}),
        ("report", {"write_page", "draw_figure", "write_tables"}, set()),
        ("check", {"check"}, PRESENTATION),
        ("zoo", {"zoo"}, PRESENTATION),
        ("extractors", {"train_extractor"}, {"train", "score"}),
    ],
)
def test_a_target_makes_what_it_needs_alone(fresh, target, makes, leaves):
    planned = set(fresh.planned(target))
    assert makes <= planned and not leaves & planned


def test_editing_a_figure_redraws_that_figure_and_the_page(finished):
    with finished.edited("workflow/fewstep/report/figures/precision_recall.py", "\ndef ", "\nEDITED = 1\n\ndef "):
        assert finished.planned() == {"draw_figure": 1, "write_page": 1}


def test_editing_a_metric_scores_again_but_runs_no_network(finished):
    with finished.edited("workflow/fewstep/metrics/kid.py", "_BLOCK = 2048", "_BLOCK = 1024"):
        planned = finished.planned()
    assert planned["score"] == 2 and planned["score_held_out"] == 1
    assert set(planned) <= {"score", "score_held_out", "collect_results", "reference", "check"} | PRESENTATION


def test_editing_a_solver_samples_and_times_its_methods_again_but_trains_nothing(finished):
    with finished.edited("workflow/fewstep/diffusion/solvers.py", "if following > 0:", "if following > 1e-9:"):
        planned = finished.planned()
    assert planned["sample"] == planned["time_sampler"] == 1 and "train" not in planned


def test_editing_what_nothing_calls_reruns_nothing(finished):
    with finished.edited("workflow/fewstep/diffusion/solvers.py", "\ndef ", "\ndef unused():\n    pass\n\n\ndef "):
        assert finished.planned() == {}


def test_editing_a_comment_reruns_nothing(finished):
    with finished.edited("workflow/fewstep/diffusion/solvers.py", "\ndef ", "\n# A remark.\ndef "):
        assert finished.planned() == {}


def test_editing_a_label_draws_again_but_computes_nothing(finished):
    with finished.edited("methods/edm/method.yaml", "EDM (Heun)", "EDM with Heun's method"):
        assert set(finished.planned()) == PRESENTATION


def test_describing_a_run_otherwise_trains_nothing(finished):
    with finished.edited("workflow/fewstep/snapshots.py", "COUNT = 10", "COUNT = 9"):
        assert finished.planned() == {}


HOOK = """
def evaluate(model, request, images):
    return {"brightness": images.mean(dim=(1, 2, 3)), "reconstruction_images": images}


def build("""


def test_a_hook_is_found_and_run_on_held_out_images_and_nothing_else_runs_again(running):
    with running.edited("methods/edm/method.py", "\ndef build(", HOOK):
        planned = running.planned()
        assert planned["evaluate"] == 1 and set(planned) <= {"evaluate", "collect_extras"} | PRESENTATION
        running.run("results/tiny/extras.csv")
    found = {row["metric"]: row for row in rows(running.results / "extras.csv")}
    assert list(found) == ["brightness", "reconstruction_fd_lenet"]
    assert {(row["method"], row["variant"], row["n_samples"]) for row in found.values()} == {("edm", "heun", "360")}
    floor = {row["metric"]: row for row in rows(running.results / "scores" / "digits" / "data.csv")}["fd_lenet"]
    assert float(found["reconstruction_fd_lenet"]["value"]) == pytest.approx(float(floor["value"]))


def test_edits_are_made_scored_timed_and_shown_and_nothing_else_runs_again(running):
    profile = copy.deepcopy(PROFILE)
    asked = {"super_resolution": [5], "interpolation": [3]}
    profile["datasets"]["digits"]["edits"] = {"count": 24, "compare": {"edm/heun": asked}}
    running.write_profile(profile)
    planned = running.planned()
    made = {"edit": 1, "score_edits": 1, "time_edits": 1, "edit_inputs": 1, "collect_edits": 1, "draw_edits": 2}
    assert made.items() <= planned.items() and set(planned) <= made.keys() | PRESENTATION
    running.run()
    found = rows(running.results / "edits.csv")
    values = {(row["method"], row["task"], row["metric"]): float(row["value"]) for row in found}
    assert values["edm", "super_resolution", "constraint_error"] < 1e-9
    assert values["edm", "super_resolution", "constraint_error_8bit"] <= 1
    assert ("edm", "interpolation", "psnr") not in values and values["edm", "interpolation", "images_per_second"] > 0
    assert values["data", "super_resolution", "psnr"] > 5
    assert {row["nfe"] for row in found} == {"0", "3", "5"}
    page = (running.reports / "index.html").read_text()
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
    assert rows(running.results / "classifiers.csv") == []
    profile = copy.deepcopy(PROFILE)
    profile["datasets"]["digits"] |= CLASSIFIED
    running.write_profile(profile)
    planned = running.planned()
    made = {"sample_labelled": 1, "classify": 1, "classify_real": 1, "accuracy_score": 1, "observe": 2}
    made |= {"observe_all": 1, "observe_controls": 1, "fool_rate": 1, "collect_classifiers": 1}
    assert made.items() <= planned.items() and set(planned) <= set(made) | PRESENTATION
    running.run()
    found = {(r["method"], r["variant"], r["nfe"], r["metric"]): r for r in rows(running.results / "classifiers.csv")}
    cells = {key[:3] for key in found if key[3] == "cas"}
    assert cells == {("edm", "heun", "3"), ("data", "train", "0"), ("data", "shuffled", "0")}
    assert found["edm", "heun", "3", "cas"]["n_samples"] == "360" and found["edm", "heun", "3", "cas"]["fits"] == "2"
    cells = {key[1] for key in found if key[3] == "fool_rate"}
    assert cells == {"heun", "multistep", "held_out", "noisy", "untrained"}
    assert ("edm", "heun", "3", "fool_rate_generalist") in found and ("edm", "heun", "3", "cas_gap_9") in found

    with np.load(running.results / "data" / "digits" / "train.npz") as real:
        labels = real["labels"]
    manifest = json.loads((running.results / "labelled" / "digits" / "edm.json").read_text())
    shards = [running.results / "labelled/digits/edm" / shard["path"] for shard in manifest["cells"][0]["shards"]]
    assert np.array_equal(np.concatenate([np.load(path)["labels"] for path in shards]), labels)
    assert "Classifiers and observers" in (running.reports / "index.html").read_text()

    assert "Nothing to be done" in running.run()
    with running.edited("workflow/fewstep/metrics/accuracy_score.py", "score.value / real", "1 * score.value / real"):
        assert set(running.planned()) == {"accuracy_score", "collect_classifiers", "write_tables", "write_page"}


def test_enlarged_images_are_searched_for_paired_with_their_truths_and_scored(fresh, tmp_path):
    project = fresh.copy(tmp_path / "project")
    profile = copy.deepcopy(PROFILE)
    section = profile["datasets"].pop("digits") | {
        "low_resolution": 4,
        "compare": {"bicubic/keys": [1], "sr3/ancestral": [2, 3]},
        "fool_rate": CLASSIFIED["fool_rate"] | {"compare": {"bicubic/keys": [1], "sr3/ancestral": [2]}},
    }
    profile["datasets"]["digits_4to8"] = section
    project.write_profile(profile)
    project.run()

    found = json.loads((project.results / "search" / "digits_4to8" / "sr3.ancestral.json").read_text())["nfe"]
    assert set(found) == {"2", "3"} and all(len(entry["scores"]) > 1 for entry in found.values())
    table = rows(project.results / "results.csv")
    scores = {(row["method"], row["nfe"], row["seed"], row["metric"]): float(row["value"]) for row in table}
    for seed in ("0", "1"):
        assert {"psnr", "ssim_7", "consistency", "bias_grey"} <= {m for a, _, s, m in scores if (a, s) == ("sr3", seed)}
    assert scores["data", "0", "0", "consistency"] == 0 and scores["data", "0", "0", "psnr"] > 58
    assert scores["bicubic", "1", "0", "seed_diversity"] == 0 < scores["sr3", "3", "0", "seed_diversity"]
    assert scores["bicubic", "1", "0", "psnr"] > scores["sr3", "3", "0", "psnr"]  # the network has hardly been trained
    observed = {(r["method"], r["variant"], r["metric"]) for r in rows(project.results / "classifiers.csv")}
    kinds = {"fool_rate", "fool_rate_generalist", "fool_rate_paired", "fool_rate_input_shown"}
    assert {kind for *cell, kind in observed if cell == ["sr3", "ancestral"]} == kinds
    for control in ("held_out", "noisy", "untrained"):
        assert {kind for *cell, kind in observed if cell == ["data", control]} == kinds - {"fool_rate_generalist"}
    extras = {row["metric"]: float(row["value"]) for row in rows(project.results / "extras.csv")}
    assert extras["psnr_mean_of_16"] > extras["psnr_single"]
    assert (project.reports / "figures" / "distance_vs_psnr_digits_4to8.svg").exists()
    assert "Input, 4 x 4 pixels" in (project.reports / "index.html").read_text()

    section["samples"] = {**section["samples"], "count": 400}
    project.write_profile(profile)
    failed = project.snakemake("results/tiny/samples/digits_4to8/bicubic.json")
    assert failed.returncode != 0 and "Traceback" not in failed.stdout
    assert "fewstep: datasets.digits_4to8.samples.count: 400 samples are asked for" in failed.stdout


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


def test_what_a_run_trained_ships_is_used_where_it_fits_and_refused_where_it_does_not(running):
    running.run("zoo")
    shipped = running.folder / "methods" / "edm" / "weights" / "digits.safetensors"
    used, manifest = (running.results / f"weights/digits/edm/default{suffix}" for suffix in (".safetensors", ".json"))
    assert shipped.stat().st_size < 0.6 * used.stat().st_size  # half precision
    scores = json.loads(shipped.with_suffix(".json").read_text())["scores"]
    assert [(score["variant"], score["nfe"], score["n_samples"], score["seeds"]) for score in scores] == [
        ("heun", 3, 40, [0, 1])
    ]

    assert set(running.planned("--config", "weights=train")) == PRESENTATION
    planned = running.planned()
    assert planned["use_zoo"] == 2 and "train" not in planned
    # Of the teacher: both are other networks.
    with running.edited("methods/edm/method.yaml", "steps: 4\n", "steps: 5\n"):
        planned = running.planned()
        assert planned["train"] == 2 and "use_zoo" not in planned
    with running.edited("methods/consistency_distillation/method.yaml", "steps: 4\n", "steps: 5\n"):
        planned = running.planned()
        assert planned["train"] == planned["use_zoo"] == 1

    printed = running.run("check")  # there is no baseline: the zoo's own scores are compared
    assert "fd_lenet (zoo)" in printed and "passed" in printed
    assert used.read_bytes() == shipped.read_bytes() and json.loads(manifest.read_text())["source"] == "zoo"
    assert "in use, left as it is" in running.run("zoo")

    shipped.write_bytes(used.read_bytes()[:-1])
    failed = running.snakemake("results/tiny/weights/digits/edm/default.safetensors")
    assert failed.returncode != 0 and "Traceback" not in failed.stdout
    assert "fewstep: methods/edm/weights/digits.safetensors: these weights do not have the sha256" in failed.stdout
    shipped.with_suffix(".json").unlink()
    stopped = running.snakemake("--dry-run")
    assert "fewstep: " in stopped.stdout and "digits.json: there is no such file." in stopped.stdout


def test_a_new_nfe_samples_and_times_that_nfe_alone(running):
    shards, timings = running.written(SHARDS), running.written("speed/digits/**/*.json")
    running.write_profile(changed(compare={"edm/heun": [3, 5]}))
    planned = running.planned()
    assert [planned[rule] for rule in ("sample", "extract_features", "score", "time_sampler")] == [1, 1, 1, 1]
    assert "train" not in planned and "reference" not in planned
    running.run("speed", "results/tiny/samples/digits/edm.json")
    after = running.written(SHARDS)
    assert shards.items() <= after.items() and len(after) == 2 * len(shards)
    assert timings and timings.items() <= running.written("speed/digits/**/*.json").items()
    assert [row["nfe"] for row in rows(running.results / "speed.csv") if row["method"] == "edm"] == ["3", "5"]


def test_a_new_seed_and_more_images_keep_the_shards_that_are_there(running):
    """Two seeds of 40 images become three of 80."""
    before = running.written(SHARDS)
    running.write_profile(changed(samples={"seeds": [0, 1, 2], "count": 80}))
    planned = running.planned()
    assert planned["sample"] == 2 and "train" not in planned and "reference" not in planned
    running.run("results/tiny/samples/digits/edm.json")
    after = running.written(SHARDS)
    assert before.items() <= after.items()
    assert (len(before), len(after)) == (2 * 2, 3 * 4)


def test_after_a_kill_the_finished_shards_are_kept(running):
    """kill -9 of Snakemake and its job while shards are being written; --unlock; run again."""
    target = "results/tiny/samples/digits/edm.json"
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
    cells = json.loads((running.folder / target).read_text())["cells"]
    assert [sum(shard["count"] for shard in cell["shards"]) for cell in cells] == [4000, 4000]


MISTAKES = {
    "wrong key": ({"datasets": {"digits": {"sampels": {}}}}, "datasets.digits.sampels: "),
    "unknown method": ({"datasets": {"digits": {"compare": {"edn/heun": [3]}}}}, "datasets.digits.compare.edn/heun: "),
    "impossible NFE": ({"datasets": {"digits": {"compare": {"edm/heun": [4]}}}}, "datasets.digits.compare.edm/heun: "),
    "unreadable path": ({"datasets": {"digits": {"source": "npz", "path": "no.npz"}}}, "datasets.digits.path: "),
    "no profile": ({"profile": None}, "profile: "),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_profile_stops_the_run_with_one_sentence_that_names_the_key(fresh, mistake):
    wrong, key = MISTAKES[mistake]
    profile = copy.deepcopy(PROFILE)
    profile["datasets"]["digits"] |= wrong.get("datasets", {}).get("digits", {})
    profile |= {name: value for name, value in wrong.items() if name != "datasets"}
    fresh.write_profile(profile, "wrong")
    done = fresh.snakemake(profile="wrong")
    sentences = [line for line in done.stdout.splitlines() if line.strip() and not line.startswith("Using workflow")]
    assert done.returncode != 0
    assert len(sentences) == 1 and sentences[0].startswith(f"fewstep: {key}")


def test_check_passes_against_its_own_baseline_and_fails_against_any_other(running):
    baseline = running.folder / "results" / "baselines" / "tiny.json"
    assert_check(running, 1, "tiny.json")  # there is no baseline yet
    running.run("baseline")
    good = json.loads(baseline.read_text())
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
