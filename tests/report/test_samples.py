"""Images of the report: those that the manifests name, and none that is missing passes unnoticed."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import synthetic_run
from on_disk import write_manifest, write_part

from fewstep.base.errors import FewstepError
from fewstep.plan.cells import GENERATE, Cell
from fewstep.report import strips as samples


def test_a_method_whose_shards_were_deleted_does_not_drop_out_of_the_grid(run, tmp_path):
    folder = tmp_path / "mnist"
    shutil.copytree(run.scores_csv.parent, folder)
    copied = synthetic_run.run(folder)
    shards = copied.shards("mnist", "edm", "heun", 9)
    (shards.folder / shards.shards[1]["path"]).unlink()
    with pytest.raises(FewstepError, match=r"heun/nfe0009/training0/seed0/000008\.npz: this shard cannot be read"):
        samples.strips(copied, "mnist")
    shutil.rmtree(shards.folder / shards.cell.folder)
    with pytest.raises(FewstepError, match=r"heun/nfe0009/training0/seed0/000000\.npz: this shard cannot be read"):
        samples.strips(copied, "mnist")


def test_a_cell_that_no_manifest_names_is_an_error(run):
    files = run.files["mnist"]
    without = replace(run, files={"mnist": replace(files, samples={**files.samples, "ect": []})})
    with pytest.raises(FewstepError, match="there are no images of ect/multistep at 1 NFE"):
        samples.strips(without, "mnist")


def test_of_several_trainings_and_seeds_the_first_is_shown_and_its_parts_are_in_order(run, tmp_path):
    images = np.arange(24, dtype=np.uint8).reshape(-1, 1, 1, 1)

    def part(start):
        """A manifest of both trainings and seeds, in the order of the profile."""
        cells = [Cell("mnist", GENERATE, "edm", "heun", 9, training, seed) for training in (1, 0) for seed in (3, 0)]
        made = [
            write_part(tmp_path, cell, images[start : start + 8] + 24 * i, start=start, size=8)
            for i, cell in enumerate(cells)
        ]
        return write_manifest(tmp_path, *made, part=f"{start:06d}")

    files = replace(run.files["mnist"], samples={"edm": [part(16), part(0), part(8)]})
    found = replace(run, files={"mnist": files}).shards("mnist", "edm", "heun", 9)
    assert (found.cell.training_seed, found.cell.seed) == (1, 3)
    assert found.first(20).ravel().tolist() == list(range(20))


def test_a_shard_without_uint8_images_is_refused(run, tmp_path):
    folder = tmp_path / "mnist"
    shutil.copytree(run.scores_csv.parent, folder)
    shards = synthetic_run.run(folder).shards("mnist", "edm", "heun", 9)
    np.savez(shards.folder / shards.shards[0]["path"], images=np.zeros((2, 3, 3, 1), np.float32))
    with pytest.raises(FewstepError, match=r"000000\.npz"):
        samples.strips(synthetic_run.run(folder), "mnist")
