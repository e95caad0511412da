"""Images of the report: those that the manifests name, and none that is missing passes unnoticed."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import synthetic_run

from fewstep.errors import FewstepError
from fewstep.report import samples


def test_a_method_whose_shards_were_deleted_does_not_drop_out_of_the_grid(run, tmp_path):
    folder = tmp_path / "mnist"
    shutil.copytree(run.scores_csv.parent, folder)
    copied = synthetic_run.run(folder)
    lost = copied.shards("mnist", "edm", "heun", 9)[1]
    lost.unlink()
    with pytest.raises(FewstepError, match=r"heun/nfe0009/seed0/000008\.npz: this file of images is missing"):
        samples.strips(copied, "mnist")
    shutil.rmtree(lost.parent)
    with pytest.raises(FewstepError, match=r"heun/nfe0009/seed0/000000\.npz: this file of images is missing"):
        samples.strips(copied, "mnist")


def test_a_cell_that_no_manifest_names_is_an_error(run):
    files = run.files["mnist"]
    without = replace(run, files={"mnist": replace(files, samples={**files.samples, "ect": []})})
    with pytest.raises(FewstepError, match="there are no images of ect/multistep at 1 NFE, seed 0"):
        samples.strips(without, "mnist")


def test_of_several_trainings_the_first_is_shown_and_its_parts_are_in_order(run, tmp_path):
    def manifest(name, *starts, training_seed):
        shards = [{"path": f"{training_seed}-{start}.npz", "start": start} for start in starts]
        entry = {"variant": "heun", "nfe": 9, "seed": 0, "training_seed": training_seed, "shards": shards}
        (tmp_path / f"{name}.json").write_text(json.dumps({"cells": [entry]}))
        return tmp_path / f"{name}.json"

    parts = [manifest("b", 8, training_seed=1), manifest("c", 16, training_seed=1), manifest("d", 0, training_seed=1)]
    files = replace(run.files["mnist"], samples={"edm": [manifest("a", 0, training_seed=2), *parts]})
    found = replace(run, files={"mnist": files}).shards("mnist", "edm", "heun", 9)
    assert [str(path.relative_to(tmp_path)) for path in found] == ["d/1-0.npz", "b/1-8.npz", "c/1-16.npz"]


def test_a_folder_without_uint8_images_is_refused(tmp_path):
    np.savez(tmp_path / "000000.npz", images=np.zeros((2, 3, 3, 1), np.float32))
    with pytest.raises(FewstepError, match=r"000000\.npz"):
        samples.first_images([tmp_path / "000000.npz"], 2)
