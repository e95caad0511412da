"""A folder of one's own images, which no card names: planned and run by the recipes of its shape."""

import json

import numpy as np
import pytest
import yaml
from PIL import Image

from fewstep.base.folders import METHODS
from fewstep.sampling.shards import read_shard

pytestmark = pytest.mark.workflow

COMPARED = {"edm/heun": [3], "consistency_distillation/multistep": [1]}
SIDE = 32


def profile(**section):
    samples = {"count": 12, "seeds": [0], "shard_size": 12, "batch_size": 12}
    data = {
        "source": "folder",
        "path": "pets",
        "compare": COMPARED,
        "samples": samples,
        "scores": {"extractor": "rotnet"},
    }
    return {"profile": "tiny", "device": "cpu", "datasets": {"pets": data | section}}


@pytest.fixture(scope="module")
def own(fresh, tmp_path_factory):
    """A project with a folder of colour images and a profile of it."""
    project = fresh.copy(tmp_path_factory.mktemp("own") / "project")
    rng = np.random.default_rng(0)
    (project.folder / "pets").mkdir()
    for number in range(200):
        coarse = rng.integers(0, 256, (4, 4, 3), np.uint8).repeat(SIDE // 4, 0).repeat(SIDE // 4, 1)
        Image.fromarray(coarse).save(project.folder / "pets" / f"{number}.png")
    project.write_profile(profile())
    return project


def samples_of(project, method):
    return f"results/tiny/samples/pets/generate/{method}/000000.json"


METHODS_COMPARED = sorted(comparison.partition("/")[0] for comparison in COMPARED)


def test_the_recipes_of_the_shape_are_planned_and_make_samples(own):
    for card in sorted((own.folder / "methods").glob("*/method.yaml")):
        assert "pets" not in card.read_text(encoding="utf-8")
    planned = own.planned()
    assert planned["train"] == planned["sample"] == len(COMPARED) and "use_zoo" not in planned
    targets = [samples_of(own, method) for method in METHODS_COMPARED]
    own.run(*targets)
    for method in METHODS_COMPARED:
        trained = own.results / "weights" / "pets" / method / "default" / "seed0.json"
        manifest = json.loads(trained.read_text(encoding="utf-8"))
        original = yaml.safe_load((METHODS / method / "method.yaml").read_text(encoding="utf-8"))
        wanted = original["datasets"]["photos"]["recipes"]["default"]  # also of 32 x 32 pixels in colour
        assert manifest["source"] == "training" and manifest["steps"] == 4
        assert manifest["settings"]["training"] == wanted["training"] | {"steps": 4, "batch": 8, "warmup": 1}
        (shard,) = (own.results / "samples" / "pets" / "generate" / method).rglob("*.npz")
        images, labels, _ = read_shard(shard)
        assert images.shape == (12, SIDE, SIDE, 3) and labels is None
    assert not {"train", "sample", "prepare_data"} & own.planned(*targets).keys()


def test_images_that_fit_no_recipe_stop_the_run_in_one_sentence(own):
    own.write_profile(profile(low_resolution=8), "other")
    done = own.snakemake("--dry-run", profile="other")
    sentence = (
        "fewstep: datasets.pets.compare.edm/heun: edm has no recipe for data set pets (32 x 32 pixels, colour, no"
        " labels, enlarged from 8 x 8); it has recipes for: "
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("fewstep: ")]
    assert done.returncode != 0 and len(told) == 1 and told[0].startswith(sentence)
