"""Files that the user brings are known by their bytes: other ones are prepared again, the same ones never."""

import copy
import os
import shutil
import time
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from project_copy import PROFILE
from safetensors.numpy import load_file, save_file

from fewstep.base.folders import EXTRACTOR_WEIGHTS

pytestmark = pytest.mark.workflow
SOURCES = {
    "digits": ("npz", "in/npz"),
    "mnist": ("parquet", "in/parquet"),
    "photos": ("npz", "in/single.npz"),
    "photos_8to32": ("folder", "in/linked"),
    "digits_4to8": ("npz", "in/we ird ünï,*[a] {b}/d a.npz"),
}
CARDS = [f"results/tiny/data/{dataset}/card.json" for dataset in SOURCES]


def images(seed, count=60, side=8, channels=1):
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, channels), np.uint8)


def encode(pixels):
    buffer = BytesIO()
    Image.fromarray(pixels.squeeze()).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def sources(fresh, tmp_path):
    """A project with a data set of each kind, and a function that writes all their files anew."""
    project = fresh.copy(tmp_path / "project")
    root = project.folder / "in"

    def write(seed):
        for name in ("train", "test"):
            seed += 1000
            (root / "npz").mkdir(parents=True, exist_ok=True)
            np.savez(root / "npz" / f"{name}.npz", images=images(seed))
            (root / "parquet").mkdir(exist_ok=True)
            rows = [encode(pixels) for pixels in images(seed, side=28)]
            pq.write_table(pa.table({"image": rows}), root / "parquet" / f"{name}-0.parquet")
        np.savez(root / "moved.npz", images=images(seed, 300, 32, 3))
        os.utime(root / "moved.npz", (1.6e9, 1.6e9))  # older than what it replaces
        os.replace(root / "moved.npz", root / "single.npz")
        (root / "linked").mkdir(exist_ok=True)
        for k, name in enumerate(("cat", "dog")):
            (root / "store" / name).mkdir(parents=True, exist_ok=True)
            for i, pixels in enumerate(images(seed + k, 100, 32, 3)):
                (root / "store" / name / f"{i}.png").write_bytes(encode(pixels))
            if not (root / "linked" / name).exists():
                (root / "linked" / name).symlink_to(root / "store" / name)
        file = project.folder / SOURCES["digits_4to8"][1]
        file.parent.mkdir(exist_ok=True)
        np.savez(file, images=images(seed, 200))
        later = time.time() + 86400 * 365
        os.utime(file, (later, later))

    write(0)
    profile = copy.deepcopy(PROFILE)
    for dataset, (source, path) in SOURCES.items():
        profile["datasets"][dataset] = {"source": source, "path": path, "compare": {"edm/heun": [3]}}
        profile["datasets"][dataset] |= {"samples": {"count": 40}, "scores": {"extractor": "rotnet"}}
    for dataset, side in (("digits_4to8", 4), ("photos_8to32", 8)):
        enlarging = {"low_resolution": side, "compare": {"bicubic/keys": [1]}, "samples": {"count": 10}}
        profile["datasets"][dataset] |= enlarging
    project.write_profile(profile)
    return project, write


def test_other_images_under_the_same_names_are_prepared_again_and_the_same_ones_are_not(sources):
    project, write = sources
    project.run(*CARDS)
    assert project.planned(*CARDS) == {}
    for file in (project.folder / "in").rglob("*.*"):
        shutil.copyfile(file, project.folder / "copy")
        os.replace(project.folder / "copy", file)
    assert project.planned(*CARDS) == {}
    before = [(project.folder / card).read_bytes() for card in CARDS]
    write(1)
    assert project.planned(*CARDS) == {"prepare_data": len(CARDS)}
    project.run(*CARDS)
    assert not set(before) & {(project.folder / card).read_bytes() for card in CARDS}
    assert project.planned(*CARDS) == {}


def test_other_weights_of_the_extractor_describe_the_images_again(running):
    weights = running.folder / EXTRACTOR_WEIGHTS / "lenet-digits.safetensors"
    tensors = load_file(weights)
    weights.touch()
    assert running.planned() == {}
    tensors["classifier.bias"] += 1
    save_file(tensors, weights)
    os.utime(weights, (1.6e9, 1.6e9))
    planned = running.planned()
    assert planned["reference"] == 1 and planned["score"] == 2
    assert not {"prepare_data", "train", "sample"} & set(planned)


def test_other_published_scores_are_shown_whatever_their_time(running):
    published = running.folder / "reports" / "published.csv"
    published.touch()
    assert running.planned() == {}
    published.write_text("\n".join(published.read_text(encoding="utf-8").splitlines()[:-1]) + "\n")
    os.utime(published, (1.6e9, 1.6e9))
    assert set(running.planned()) == {"write_tables", "write_page"}


def test_too_few_images_stop_the_run_before_a_network_is_trained(fresh, tmp_path):
    project = fresh.copy(tmp_path / "project")
    for name, count in (("train", 60), ("test", 9)):
        (project.folder / "in").mkdir(exist_ok=True)
        np.savez(project.folder / "in" / f"{name}.npz", images=images(count, count))
    profile = copy.deepcopy(PROFILE)
    profile["datasets"]["digits"] |= {"source": "npz", "path": "in"}
    project.write_profile(profile)
    done = project.snakemake("results/tiny/weights/digits/edm/default/seed0.safetensors")
    assert done.returncode != 0 and not list(project.results.glob("weights/**/*.safetensors"))
    sentence = "source: scoring held-out images needs 10 test images or more; there are 9."
    assert f"fewstep: datasets.digits.{sentence}" in done.stdout and not list(project.results.glob("data/digits/*"))


def test_a_profile_that_asks_for_more_images_than_were_prepared_trains_no_network(fresh, tmp_path):
    project = fresh.copy(tmp_path / "project")
    project.run("results/tiny/data/digits/card.json")
    profile = copy.deepcopy(PROFILE)
    profile["datasets"]["digits"]["samples"] |= {"count": 400}
    profile["datasets"]["digits"]["fool_rate"] = {"compare": {"edm/heun": [3]}, "train_count": 360}
    profile["datasets"]["digits"]["compare"]["ddpm/ddim"] = [5]
    project.write_profile(profile)
    done = project.snakemake("results/tiny/weights/digits/ddpm/default/seed0.safetensors")
    assert done.returncode != 0 and "prepare_data" not in done.stdout
    assert "digits.fool_rate.train_count: an observer that learns from 360 needs 361 test images" in done.stdout
