"""Samples that someone else made: one command scores them against real images, and writes the report."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from project_copy import environment, rows
from sklearn.datasets import load_digits

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def own(fresh, tmp_path_factory):
    """A project with real digits, other digits, and digits with noise, in three forms."""
    project = fresh.copy(tmp_path_factory.mktemp("samples") / "project")
    digits = (load_digits().images * 15.9).astype(np.uint8)[..., None]
    noise = np.random.default_rng(0).normal(0, 60, digits.shape)
    noisy = (digits + noise).clip(0, 255).astype(np.uint8)
    for name, images in (("real", digits[:300]), ("mine", digits[300:500])):
        folder = project.folder / "sets" / name
        folder.mkdir(parents=True)
        for i, image in enumerate(images):
            Image.fromarray(image[..., 0]).save(folder / f"{i}.png")
    for seed in (0, 1):
        np.savez(project.folder / "sets" / f"theirs{seed}.npz", arr_0=noisy[500 + 200 * seed : 700 + 200 * seed])
    return project


def score(project, *arguments):
    command = [sys.executable, "-m", "fewstep", "score", *arguments, "--cores", "2"]
    path = {"PYTHONPATH": str(project.folder / "workflow")}
    return subprocess.run(
        command,
        cwd=project.folder,
        env=environment() | path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=900,
    )


ARGUMENTS = (
    "sets/mine", "theirs=sets/theirs0.npz", "theirs=sets/theirs1.npz", "--reference", "sets/real",
    "--extractor", "rotnet", "--nfe", "mine=1", "--name", "others",
)  # fmt: skip


def test_one_command_scores_samples_of_others_and_names_the_report(own):
    done = score(own, *ARGUMENTS)
    assert done.returncode == 0, done.stdout
    results, reports = own.folder / "results" / "others", own.folder / "reports" / "others"
    table = rows(results / "scores.csv")
    assert {row["protocol"] for row in table if row["metric"].startswith("fd_")} == {"rotnet"}
    cells = {(r["method"], r["variant"], r["nfe"], r["seed"], r["n_samples"]) for r in table}
    assert cells == {("mine", "imported", "1", "0", "200"), *(("theirs", "imported", "0", s, "200") for s in "01")}
    distance = {row["method"]: float(row["value"]) for row in table if row["metric"] == "fd_rotnet"}
    assert distance["mine"] < 0.5 * distance["theirs"]
    assert rows(results / "speed.csv") == []  # nobody timed them
    assert "mine" in done.stdout and "theirs" in done.stdout and str(reports / "index.html") in done.stdout
    page = (reports / "index.html").read_text(encoding="utf-8")
    assert "mine/imported" not in page and "declares" in page
    assert (reports / "figures" / "sample_grid_real.png").stat().st_size > 0
    again = score(own, *ARGUMENTS)
    assert again.returncode == 0 and "Nothing to be done" in again.stdout


def test_other_bytes_under_the_same_name_are_read_again_and_nothing_else(own):
    profile = ("--configfile", "results/others/profile.yaml")
    assert "Nothing to be done" in own.snakemake(*profile, profile=None).stdout
    Image.new("L", (8, 8)).save(own.folder / "sets" / "mine" / "0.png")
    done = own.snakemake("--dry-run", "--quiet", "rules", *profile, profile=None)
    assert done.returncode == 0 and "import_samples" in done.stdout and "train_rotnet" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere", "--reference", "sets/real", "--extractor", "rotnet"), "nowhere: there is no such file or folder."),
        (("sets/mine", "--reference", "sets/real", "--extractor", "lenet", "--nfe", "mine=0"), "--nfe mine=0"),
    ],
)
def test_a_mistake_is_one_sentence_before_anything_starts(own, arguments, sentence):
    done = score(own, *arguments)
    assert done.returncode == 1 and sentence in done.stdout and "Traceback" not in done.stdout
