"""A study has the samples of the cells that it compares, of one seed and of the first training."""

import numpy as np
import pytest
from on_disk import write_manifest, write_part

from fewstep.base.errors import FewstepError
from fewstep.plan.cells import ENLARGE, GENERATE, Cell
from fewstep.study.arms import read_arms

GAN, EDM = (
    Cell("toys", GENERATE, "gan", "plain", 1, 2, 4),
    Cell("toys", GENERATE, "edm", "heun", 9, 0, 4),
)


def pictures(seed):
    return np.random.default_rng(seed).integers(0, 256, (12, 4, 4, 1), dtype=np.uint8)


def write(folder, *cells, labels=None, **facts):
    """The manifest of the samples of one method, other ones for each of its cells."""
    parts = [write_part(folder, cell, pictures(i), labels, **facts) for i, cell in enumerate(cells)]
    return write_manifest(folder, *parts)


def test_arms_are_the_compared_cells_in_their_order_with_images_and_labels_of_every_shard(tmp_path):
    labels = np.arange(12) % 5
    manifests = [
        write(tmp_path / "gan", GAN._replace(nfe=2), GAN._replace(seed=5), GAN),
        write(tmp_path / "edm", EDM._replace(variant="other"), EDM, labels=labels),
    ]
    arms = read_arms(manifests, {"edm/heun": [9], "gan/plain": [1, 2]}, seed=4)
    assert [(arm.method, arm.variant, arm.nfe) for arm in arms] == [
        ("edm", "heun", 9), ("gan", "plain", 1), ("gan", "plain", 2),
    ]  # fmt: skip
    for arm, seed in zip(arms, (1, 2, 0), strict=True):
        assert np.array_equal(arm.images, pictures(seed))
    assert arms[0].labels.tolist() == labels.tolist() and arms[1].labels is None


def test_of_several_trainings_the_first_is_shown(tmp_path):
    manifest = write(tmp_path / "gan", GAN, GAN._replace(training_seed=0))
    (arm,) = read_arms([manifest], {"gan/plain": [1]}, seed=4)
    assert np.array_equal(arm.images, pictures(0))


def test_samples_that_belong_to_other_images_are_refused(tmp_path):
    manifest = write(tmp_path / "gan", GAN._replace(task=ENLARGE), truth="t")
    read_arms([manifest], {"gan/plain": [1]}, 4, "t")
    for truth in ("u", None):
        with pytest.raises(FewstepError, match="gan/plain NFE 1 training 2 seed 4: these images do not belong"):
            read_arms([manifest], {"gan/plain": [1]}, 4, truth)
