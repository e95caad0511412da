"""The real workflow on a copy of the project: what it writes, what each target makes, and how a mistake stops it."""

import copy
import json
import time

import numpy as np
import pytest
from project_copy import PRESENTATION, PROFILE, rows

pytestmark = pytest.mark.workflow
METHODS = ("consistency_distillation", "edm")


def test_a_run_writes_tables_figures_page_and_manifest(finished):
    scores = rows(finished.results / "scores.csv")
    cells = {(row["method"], row["variant"], row["nfe"], row["seed"]) for row in scores}
    assert cells == {
        ("edm", "heun", "3", "0"),
        ("edm", "heun", "3", "1"),
        ("consistency_distillation", "multistep", "1", "0"),
        ("consistency_distillation", "multistep", "1", "1"),
        ("data", "test", "0", "0"),
        ("data", "expected", "0", "0"),  # fewer samples than held-out images
    }
    assert {row["metric"] for row in scores} >= {"fd_lenet", "kid_lenet", "is_lenet", "precision", "coverage"}
    speed = {row["method"]: row for row in rows(finished.results / "speed.csv")}
    assert {name: float(row["measured_nfe"]) for name, row in speed.items()} == dict(zip(METHODS, (1, 3), strict=True))
    manifest = json.loads((finished.results / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["weights"]) == 2 and manifest["lock_sha256"] != "unknown"
    assert {made["source"] for made in manifest["networks"].values()} == {"training"}
    for method in METHODS:
        with np.load(finished.results / "weights" / "digits" / method / "default" / "seed0.snapshots.npz") as taken:
            assert taken["steps"].tolist() == [1, 2, 4] and taken["images"].shape == (3, 10, 8, 8, 1)
    assert {row["task"] for row in scores} == {"generate"}  # neither method has a hook, and nothing is edited
    assert "<html" in (finished.reports / "index.html").read_text(encoding="utf-8")
    for kind in ("pdf", "svg", "png"):
        assert len(list((finished.reports / "figures").glob(f"*.{kind}"))) == 6
    for kind in ("csv", "md", "tex"):
        assert (finished.reports / "tables" / f"quality_digits.{kind}").stat().st_size > 0


def test_no_file_of_a_run_names_the_folder_it_ran_in(finished):
    """Results can be shared as they are."""
    texts = [path for kind in ("json", "csv", "md", "html") for path in finished.folder.glob(f"re*/tiny/**/*.{kind}")]
    assert texts and not [path for path in texts if str(finished.folder.parent) in path.read_text(encoding="utf-8")]


def test_a_second_run_says_that_nothing_is_to_be_done(finished):
    began = time.monotonic()
    assert "Nothing to be done" in finished.run()
    assert time.monotonic() - began < 60  # seconds, on a machine that does other things too


def test_a_run_moves_with_its_folder(running):
    assert running.planned() == {}


def test_a_plain_call_runs_the_default_profile(fresh):
    planned = fresh.planned(profile=None)
    assert planned["train"] >= 5 and planned["write_page"] == 1
    assert "results/mnist/scores.csv" in fresh.snakemake("--dry-run", "--quiet", "host", profile=None).stdout


@pytest.mark.parametrize(
    ("target", "makes", "leaves"),
    [
        ("tables", {"write_tables"}, {"draw_figure", "write_page"}),
        ("figures", {"draw_figure"}, {"write_tables", "write_page"}),
        ("speed", {"time_samplers", "collect_speed"}, {"score", *PRESENTATION}),
        ("report", {"write_page", "draw_figure", "write_tables"}, set()),
        ("check", {"check"}, PRESENTATION),
        ("zoo", {"zoo"}, PRESENTATION),
        ("extractors", {"train_extractor"}, {"train", "score"}),
    ],
)
def test_a_target_makes_what_it_needs_alone(fresh, target, makes, leaves):
    planned = set(fresh.planned(target))
    assert makes <= planned and not leaves & planned


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


def test_a_key_that_stands_twice_in_a_profile_is_refused_in_whichever_file_it_is(fresh):
    """Snakemake itself takes the last one, and says nothing."""
    twice = fresh.folder / "config" / "twice.yaml"
    twice.write_text("datasets:\n  digits:\n    samples: {count: 40}\n    samples: {seeds: [5]}\n", encoding="utf-8")
    for extra in (["config/twice.yaml"], ["config/twice.yaml", "config/tiny.yaml"]):
        done = fresh.snakemake("--dry-run", "--configfile", "config/tiny.yaml", *extra, profile=None)
        assert done.returncode != 0
        assert done.stdout.splitlines()[-1] == (
            "fewstep: config/twice.yaml: datasets.digits.samples: this key stands twice."
        )


def test_several_profiles_and_what_the_command_line_says_are_merged(fresh):
    (fresh.folder / "config" / "more.json").write_text('{"datasets": {"digits": {"samples": {"count": 60}}}}')
    files = ["--configfile", "config/tiny.yaml", "config/more.json", "--config", "profile=merged"]
    done = fresh.snakemake("--dry-run", "results/merged/scores.csv", *files, profile=None)
    assert done.returncode == 0, done.stdout
