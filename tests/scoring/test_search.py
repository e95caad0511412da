"""The search keeps the candidate whose validation images come nearest to real ones, in any order and batch."""

import numpy as np
import pytest
import torch

from fewstep.contract.conditions import DrawnLabels, SmallImages
from fewstep.contract.method import ImageShape
from fewstep.plan.cells import GENERATE, Cell
from fewstep.sampling.sampler import Sampler
from fewstep.scoring.extractors.extractor import Extractor
from fewstep.scoring.search import COUNT, SEED, candidates, find, moments_of

SHAPE = ImageShape(1, 4, 4)
CELL = Cell("toys", GENERATE, "method", "variant", 1, 0, 0)
SPREAD = 0.2
UNCONDITIONAL = DrawnLabels(None)


class Pixels(Extractor):
    """The first pixels as features."""

    label, resize, weights_sha256, batch_size = "lenet", "none", "a" * 64, 500

    def forward(self, images):
        flat = images.flatten(1).float()
        return flat[:, :5], flat[:, 5:8]


class Noise(torch.nn.Module):
    def forward(self, x):
        return x


@pytest.fixture
def real():
    normal = np.random.default_rng(0).normal(0, SPREAD, (4000, 4, 4, 1))
    return moments_of((127.5 * normal + 127.5).round().clip(0, 255).astype(np.uint8), Pixels())


def sample(model, request):
    assert request.seed == SEED
    return model(request.noise() * request.settings["spread"] + request.settings["offset"])


def search(real, values, batch=100, condition=UNCONDITIONAL, sample=sample):
    sampler = Sampler(CELL, sample, Noise(), SHAPE, condition, {"offset": 0.0})
    return find(sampler, {"spread": values}, batch, Pixels(), real)


def test_candidates_are_all_combinations_in_the_order_of_the_card():
    assert candidates({"a": [1, 2], "b": ["x"]}) == [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]


@pytest.mark.parametrize("values", [[0.1, SPREAD, 0.3], [SPREAD, 0.3, 0.1]])
def test_the_setting_that_makes_real_images_wins(real, values):
    found = search(real, values)
    assert found["choice"] == {"spread": SPREAD} and found["distance"] == "fd_lenet"
    assert [score["settings"]["spread"] for score in found["scores"]] == values
    assert (found["count"], found["seed"]) == (COUNT, SEED)
    assert min(score["value"] for score in found["scores"]) < 0.2 * max(score["value"] for score in found["scores"])


def test_the_outcome_does_not_depend_on_the_batch(real):
    assert search(real, [0.1, 0.3], batch=7) == search(real, [0.1, 0.3], batch=300)


def test_validation_inputs_are_spread_over_those_there_are_and_each_is_used_once(real):
    asked = []

    def enlarge(model, request):
        asked.append(request.low_resolution[:, 0, 0, 0])
        return model(request.noise())

    small = SmallImages(torch.arange(3.0 * COUNT).reshape(-1, 1, 1, 1), None, "made up")
    assert search(real, [1.0], condition=small, sample=enlarge)["count"] == COUNT
    used = torch.cat(asked)
    assert len(used.unique()) == COUNT and used.max() > 3 * COUNT - 5
    few = SmallImages(torch.zeros(50, 1, 1, 1), None, "made up")
    assert search(real, [1.0], condition=few, sample=enlarge)["count"] == 50


def test_a_candidate_keeps_the_other_settings_and_the_condition_of_the_cell(real):
    asked = []

    def record(model, request):
        asked.append((request.settings, request.nfe, request.labels.tolist()))
        return model(request.noise())

    search(real, [0.1, 0.3], batch=COUNT, condition=DrawnLabels([0, 1]), sample=record)
    ones = [1] * COUNT
    assert asked == [({"offset": 0.0, "spread": 0.1}, 1, ones), ({"offset": 0.0, "spread": 0.3}, 1, ones)]
