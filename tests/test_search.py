"""The search keeps the candidate whose validation images come nearest to real ones, in any order and batch."""

import numpy as np
import pytest
import torch
from fewstep.low_resolution import Inputs

from fewstep.contract import ImageShape
from fewstep.extractors.base import Extractor
from fewstep.files import write_json
from fewstep.sampling import Cell
from fewstep.search import COUNT, SEED, candidates, find, moments_of, settled

SHAPE = ImageShape(1, 4, 4)
CELL = Cell("method", "variant", 1, 0, {"offset": 0.0})
SPREAD = 0.2


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


def search(real, values, batch=100, inputs=None, sample=sample):
    return find(sample, Noise(), CELL, SHAPE, {"spread": values}, batch, Pixels(), real, inputs)


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

    inputs = Inputs(torch.arange(3.0 * COUNT).reshape(-1, 1, 1, 1), None, "made up")
    assert search(real, [1.0], inputs=inputs, sample=enlarge)["count"] == COUNT
    used = torch.cat(asked)
    assert len(used.unique()) == COUNT and used.max() > 3 * COUNT - 5
    few = Inputs(torch.zeros(50, 1, 1, 1), None, "made up")
    assert search(real, [1.0], inputs=few, sample=enlarge)["count"] == 50


def test_what_was_found_joins_the_settings_of_its_variant_and_nfe_alone(tmp_path):
    path = tmp_path / "method.variant.json"
    write_json(path, {"nfe": {"2": {"choice": {"spread": 0.3}}, "4": {"choice": {"spread": 0.5}}}})
    assert settled({"offset": 1}, [path], "method", "variant", 4) == {"offset": 1, "spread": 0.5}
    assert settled({"offset": 1}, [path], "method", "other", 4) == {"offset": 1}
