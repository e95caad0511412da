"""The scores of a cell are those of its task: of samples, of enlarged images with their seeds, of edited images."""

import numpy as np
import pytest
from on_disk import write_manifest, write_part

from fewstep.base.errors import FewstepError
from fewstep.data import Split, dealt
from fewstep.plan.cells import EDIT, ENLARGE, GENERATE, Cell
from fewstep.plan.edit_names import INPUT
from fewstep.sampling.shards import read_manifests
from fewstep.scoring import references
from fewstep.scoring.features import Features
from fewstep.scoring.pairs import Truth, score_pairs, whole
from fewstep.scoring.scorer import Scorer
from fewstep.scoring.sets import score_set

EXTRACTOR = {"label": "lenet", "resize": "none", "weights_sha256": "a" * 64}
COUNT = 60


def features(seed: int, count: int = COUNT, labels=None) -> Features:
    rng = np.random.default_rng(seed)
    drawn = [rng.standard_normal((count, width)).astype(np.float32) for width in (6, 10)]
    return Features(*drawn, 100 + np.abs(rng.standard_normal((count, 2))), labels)


@pytest.fixture(scope="module")
def reference():
    return references.build(features(0, 150), "f" * 64, EXTRACTOR)


@pytest.fixture(scope="module")
def real(pictures):
    return Split(pictures(COUNT, seed=0), np.arange(COUNT) // 6 % 10)


def written(folder, task, truth=None, seeds=(0,), trainings=(0,), **facts):
    """Cells of noise on disk, in shards of 25."""
    cells = [Cell("toys", task, "tiny", "plain", nfe, t, s) for nfe in (1, 2) for t in trainings for s in seeds]
    parts = []
    for i, cell in enumerate(cells):
        images = np.random.default_rng(i).integers(0, 256, (COUNT, 32, 32, 3), dtype=np.uint8)
        parts.append(write_part(folder, cell, images, size=25, truth=truth) | facts)
    return read_manifests([write_manifest(folder, *parts)])


def names(rows):
    return [row["metric"] for row in rows]


def scored(scorer, cells, reference):
    return [scorer.rows(shards, features(1), reference, EXTRACTOR, cells) for shards in cells]


def test_samples_have_the_scores_of_a_set_and_say_how_their_labels_were_drawn(tmp_path, reference):
    cells = written(tmp_path, GENERATE, labels="uniform")
    first, second = scored(Scorer.of(GENERATE, None, None, None, "cpu"), cells, reference)
    assert first == second == score_set(features(1), reference, EXTRACTOR, "uniform")
    assert {row["labels"] for row in first} == {"uniform"}


def test_enlarged_images_are_scored_with_their_truth_and_the_seeds_of_a_setting_together(tmp_path, reference, real):
    scorer = Scorer.of(ENLARGE, real, 8, None, "cpu")
    cells = written(tmp_path, ENLARGE, scorer.truth.key, seeds=(0, 1), trainings=(0, 4))
    rows = scored(scorer, cells, reference)
    assert len(cells) == 8
    of_sets = names(score_set(features(1), reference, EXTRACTOR))
    for shards, found in zip(cells, rows, strict=True):
        pairs = score_pairs(whole(shards.first(COUNT)), scorer.truth)
        of_seeds = [] if shards.cell.seed else ["seed_diversity", "psnr_of_mean"]
        assert names(found) == [*of_sets, *names(pairs), *of_seeds]
        values = [row["value"] for row in found[len(of_sets) :]]
        assert values[: len(pairs)] == pytest.approx([row["value"] for row in pairs])
    spread = [row["value"] for found in rows for row in found if row["metric"] == "psnr_of_mean"]
    assert len(set(spread)) == 4, "each setting and training has its own"


def test_edited_images_have_a_distance_and_what_their_task_lets_them_be_compared_with(tmp_path, reference, real):
    scorer = Scorer.of(EDIT, real, None, None, "cpu")
    assert scorer.truth.key == Truth.of(dealt(real)).key, "edited images are the first of each class in turn"
    for task, wanted in {"denoising": ["psnr", "ssim", "ssim_7"], "interpolation": []}.items():
        (shards, _) = cells = written(tmp_path / task, f"{EDIT}/{task}", scorer.truth.key)
        rows = scorer.rows(shards, features(1), reference, EXTRACTOR, cells)
        assert names(rows) == ["fd_lenet", *wanted]
        assert rows[0]["reference"] == reference.key and rows[0]["protocol"] == "lenet"
        assert all(row["reference"] == scorer.truth.key and row["protocol"] == "pixels" for row in rows[1:])


def test_the_distance_of_edited_images_is_that_of_a_set(tmp_path, reference, real):
    scorer = Scorer.of(EDIT, real, None, None, "cpu")
    (shards, _) = cells = written(tmp_path, f"{EDIT}/denoising", scorer.truth.key)
    found = {row["metric"]: row for row in scorer.rows(shards, features(1), reference, EXTRACTOR, cells)}
    (same,) = [row for row in score_set(features(1), reference, EXTRACTOR) if row["metric"] == "fd_lenet"]
    assert found["fd_lenet"] == same


def test_the_worst_errors_of_a_cell_are_rows_without_an_interval(tmp_path, reference, real):
    scorer = Scorer.of(EDIT, real, None, None, "cpu")
    cells = written(tmp_path, f"{EDIT}/inpainting_box", scorer.truth.key, constraint_error=[1e-13, 0.5])
    rows = scorer.rows(cells[0], features(1), reference, EXTRACTOR, cells)[-2:]
    assert names(rows) == ["constraint_error", "constraint_error_8bit"]
    assert [(row["value"], row["standard_error"], row["ci_low"], row["ci_high"]) for row in rows] == [
        (1e-13, 0, 1e-13, 1e-13), (0.5, 0, 0.5, 0.5),
    ]  # fmt: skip
    assert {(row["n_samples"], row["reference"], row["protocol"]) for row in rows} == {(COUNT, INPUT, "pixels")}
    other = written(tmp_path, f"{EDIT}/inpainting_box", scorer.truth.key)
    assert "constraint_error" not in names(scorer.rows(other[0], features(1), reference, EXTRACTOR, other))


@pytest.mark.parametrize(
    ("kind", "task", "truth"),
    [
        (ENLARGE, ENLARGE, "other"), (ENLARGE, ENLARGE, None), (GENERATE, GENERATE, "other"),
        (EDIT, f"{EDIT}/denoising", "other"), (EDIT, f"{EDIT}/denoising", None),
    ],
)  # fmt: skip
def test_images_that_belong_to_other_real_ones_are_refused(tmp_path, reference, real, kind, task, truth):
    cells = written(tmp_path, task, truth)
    with pytest.raises(FewstepError, match="these images do not belong to the held-out images"):
        Scorer.of(kind, real, 8, None, "cpu").rows(cells[0], features(1), reference, EXTRACTOR, cells)
