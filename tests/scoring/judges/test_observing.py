"""Observers are trained on the samples of their own cell and seed, or of all cells; controls on what is known."""

import numpy as np
import pytest
from on_disk import write_manifest, write_part
from shrunken import network

from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS
from fewstep.contract.conditions import DrawnLabels, SmallImages
from fewstep.data import Split
from fewstep.plan.cells import ENLARGE, GENERATE, Cell
from fewstep.plan.method_card import initial_settings
from fewstep.scoring.judges import observing
from fewstep.scoring.judges.items import Items
from fewstep.scoring.judges.observers import Rules, judge, observe_all
from fewstep.scoring.judges.stored_answers import HELD_OUT, NOISY, UNTRAINED, Setting

COUNT, SEEDS, RULES = 24, (0, 3), Rules(train_count=10, epochs=1, bits=8)
CELLS = [
    Cell("toys", GENERATE, "gan", "plain", 1, 0, 0),
    Cell("toys", GENERATE, "gan", "plain", 1, 7, 0),
    Cell("toys", GENERATE, "edm", "heun", 9, 0, 0),
]
CARD = {
    "channels": 1, "resolution": 8, "classes": 2, "low_resolution": None,
    "class_counts": {"train": [3, 1], "test": [1, 1]},
}  # fmt: skip


def pictures(seed):
    return np.random.default_rng(seed).integers(0, 256, (COUNT, 8, 8, 1), dtype=np.uint8)


REAL = Split(pictures(99), np.arange(COUNT) % 2)
PLAIN, ENLARGED = Items(REAL.images, None), Items(REAL.images, SmallImages.of_split(REAL, 4))


def run(items=PLAIN, seeds=SEEDS):
    return observing.Run(items, RULES, seeds, "cpu")


@pytest.fixture
def samples(tmp_path):
    """A function of cells and a truth: manifests by method, and the images by cell, other ones for each seed."""

    def write(cells, truth=None):
        images = {cell._replace(seed=seed): pictures(100 * i + seed) for i, cell in enumerate(cells) for seed in SEEDS}
        manifests = []
        for method in {cell.method for cell in cells}:
            own = [cell for cell in images if cell.method == method]
            parts = [write_part(tmp_path / method, cell, images[cell], truth=truth) for cell in own]
            manifests.append(write_manifest(tmp_path / method, *parts))
        return manifests, images

    return write


def params(cells):
    return {"cells": [list(cell) for cell in cells]}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[name], expected[name]) for name in found)


def test_each_cell_and_seed_has_an_observer_of_its_own(samples):
    manifests, images = samples(CELLS)
    found = observing.one_by_one(run(), params(CELLS[:2]), manifests, CARD)
    assert list(found) == [Setting("gan", "plain", 1, 0), Setting("gan", "plain", 1, 7)]
    for cell in CELLS[:2]:
        alone = [judge(REAL.images, images[cell._replace(seed=s)], None, RULES, s) for s in SEEDS]
        assert_same(found[Setting.of(cell)], {name: np.stack([a[name] for a in alone]) for name in ("real", "fake")})


def test_of_enlarged_images_the_input_is_seen_beside_them(samples):
    cell = CELLS[0]._replace(task=ENLARGE)
    manifests, images = samples([cell], ENLARGED.truth)
    (found,) = observing.one_by_one(run(ENLARGED), params([cell]), manifests, CARD).values()
    shown = (ENLARGED.shown, ENLARGED.shown)
    alone = [judge(REAL.images, images[cell._replace(seed=s)], shown, RULES, s) for s in SEEDS]
    assert "input_shown_fake" in found
    assert_same(found, {name: np.stack([a[name] for a in alone]) for name in alone[0]})


def test_the_observer_of_all_cells_learns_from_all_of_them_once_for_each_seed(samples):
    manifests, images = samples(CELLS)
    found = observing.together(run(), params(CELLS), manifests, CARD)
    assert list(found) == [Setting.of(cell) for cell in CELLS]
    for place, seed in enumerate(SEEDS):
        alone = observe_all(REAL.images, [images[cell._replace(seed=seed)] for cell in CELLS], RULES, seed)
        for cell, scores in zip(CELLS, alone, strict=True):
            named = found[Setting.of(cell)]
            assert np.array_equal(named["generalist_real"][place], scores.real)
            assert np.array_equal(named["generalist_fake"][place], scores.fake)


@pytest.mark.parametrize(("items", "truth"), [(PLAIN, "other"), (ENLARGED, "other"), (ENLARGED, None)])
def test_samples_of_other_images_are_refused(samples, items, truth):
    manifests, _ = samples(CELLS[:1], truth)
    for how in (observing.one_by_one, observing.together):
        with pytest.raises(FewstepError, match="gan/plain NFE 1 seed 0: these images do not belong to the held-out"):
            how(run(items), params(CELLS[:1]), manifests, CARD)


@pytest.mark.parametrize(
    ("items", "condition"), [(PLAIN, DrawnLabels([3, 1])), (ENLARGED, ENLARGED.inputs)], ids=["plain", "enlarged"]
)
def test_controls_have_a_network_that_has_learnt_nothing_for_each_seed(items, condition, monkeypatch):
    sampled, observed = [], []

    def untrained(cell, recipe, settings, shape, start, count, batch, device):
        sampled.append((cell, recipe, settings, shape.chw, count, batch))
        assert start == condition if isinstance(start, DrawnLabels) else start is condition
        return pictures(cell.seed)

    def observe_controls(items, blank, rules, seed, device):
        observed.append(np.array_equal(blank, pictures(seed)))
        return {NOISY: {"real": np.full(2, seed)}}

    monkeypatch.setattr(observing, "untrained", untrained)
    monkeypatch.setattr(observing, "observe_controls", observe_controls)
    chosen = {"cell": list(CELLS[2]), "recipe": {"network": {}}, "settings": {"a": 1}}
    settings = {"untrained": chosen, "count": COUNT, "batch_size": 5}
    settings["labels"] = {"rule": "reference", "split": "train"}
    found = observing.controls(run(items), settings, [], CARD)
    made = ({"network": {}}, {"a": 1}, (1, 8, 8), COUNT, 5)
    assert sampled == [(CELLS[2]._replace(seed=seed), *made) for seed in SEEDS] and observed == [True, True]
    assert found[NOISY]["real"].tolist() == [[0, 0], [3, 3]]


def test_a_control_has_the_answers_of_each_seed(monkeypatch):
    """With a real network, at the smallest size."""
    monkeypatch.setattr("fewstep.scoring.judges.controls.LOOKS", COUNT)
    net = network(METHODS, "edm", "default")
    chosen = {"recipe": net.recipe, "settings": initial_settings(net.card["variants"]["heun"])}
    settings = {"untrained": {"cell": list(CELLS[2]._replace(nfe=1)), **chosen}, "count": COUNT, "batch_size": 8}
    settings["labels"] = {"rule": "uniform", "split": None}
    found = observing.controls(run(), settings, [], CARD)
    assert list(found) == [HELD_OUT, NOISY, UNTRAINED]
    assert all(len(scores) == 2 and np.isfinite(scores).all() for named in found.values() for scores in named.values())
