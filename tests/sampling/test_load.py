"""A job gets its cells in their order; networks are loaded once, and not before they are needed."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fewstep.base.files import sha256_file, write_json
from fewstep.contract import models
from fewstep.contract.conditions import DrawnLabels, KnownContent
from fewstep.contract.method import ImageShape
from fewstep.data import prepare
from fewstep.plan.cells import Cell
from fewstep.sampling.load import Networks, samplers, settled

CELL = Cell("digits", "generate", "method", "variant", 4, 0, 0)
SHAPE = ImageShape(1, 8, 8, 10)


@pytest.fixture
def found(tmp_path):
    """The artefact of a search of CELL's variant."""
    path = tmp_path / "method.variant.json"
    write_json(path, {"nfe": {"2": {"choice": {"spread": 0.3}}, "4": {"choice": {"spread": 0.5}}}})
    return path


@pytest.fixture
def weights(tmp_path):
    """Files of two networks."""
    paths = [tmp_path / f"{name}.safetensors" for name in "ab"]
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


@pytest.fixture
def loaded(monkeypatch):
    """What `models.load` was called with, by order of the calls; each model is new."""
    calls = []

    def load(method, recipe, shape, path, device):
        calls.append((method, recipe, shape, path))
        return torch.nn.Linear(1, 1)

    monkeypatch.setattr(models, "load", load)
    return calls


def networks(*seeds):
    return [{"network": ["digits", "method", "default", seed], "recipe": {"of": seed}} for seed in seeds]


def test_what_was_found_joins_the_settings_of_its_variant_and_nfe_alone(found):
    assert settled({"offset": 1}, [found], CELL) == {"offset": 1, "spread": 0.5}
    assert settled({"offset": 1, "spread": 0.1}, [found], CELL._replace(nfe=2)) == {"offset": 1, "spread": 0.3}
    assert settled({"offset": 1}, [found], CELL._replace(variant="other")) == {"offset": 1}


def test_networks_are_loaded_once_when_they_are_first_used_by_their_place(loaded, weights):
    some = Networks(networks(0, 1), weights, SHAPE, "cpu")
    assert loaded == []
    assert some.sha256(1) == sha256_file(weights[1]) and loaded == []
    second = some.model(1)
    assert some.model(1) is second and loaded == [("method", {"of": 1}, SHAPE, weights[1])]
    assert some.model(0) is not second and len(loaded) == 2


@pytest.fixture
def files(tmp_path, weights, found):
    """What the plan gives a job on the digits."""
    folder = tmp_path / "digits"
    prepare({"source": "digits", "path": None, "download": False}, folder)
    return {"card": folder / "card.json", "images": folder / "test.npz", "weights": weights, "searches": [found]}


def params(*cells, **changes):
    labels = {"rule": "reference", "split": "train"}
    listed = [{"cell": list(cell), "network": cell.training_seed, "settings": {"spread": 0.1}} for cell in cells]
    return {"cells": listed, "networks": networks(0, 1), "labels": labels} | changes


def test_samplers_come_in_the_order_of_the_cells_each_with_its_network_settings_and_condition(
    loaded, weights, files, monkeypatch
):
    method = SimpleNamespace(sample=lambda model, request: "sampled", edit=lambda model, request, task: task)
    monkeypatch.setattr(models, "load_method", lambda name: method)
    cells = [CELL._replace(training_seed=1), CELL, CELL._replace(nfe=8, variant="plain"),
             CELL._replace(task="edit/strokes"), CELL._replace(task="edit/denoising")]  # fmt: skip
    coming = samplers(params(*cells), files, torch.device("cpu"))
    first = next(coming)
    assert [path for *_, path in loaded] == [weights[1]], "the second network is not loaded yet"
    made = [first, *coming]
    assert [ready.sampler.cell for ready in made] == cells
    assert [ready.weights for ready in made] == [sha256_file(weights[i]) for i in (1, 0, 0, 0, 0)]
    assert len(loaded) == 2 and len({id(ready.sampler.model) for ready in made}) == 2
    # A search is of samples: edits have settings of their own.
    assert [ready.sampler.settings["spread"] for ready in made] == [0.5, 0.5, 0.1, 0.1, 0.1]
    assert all(ready.sampler.shape == SHAPE for ready in made)
    drawn, *_, strokes, denoising = (ready.sampler.condition for ready in made)
    assert isinstance(drawn, DrawnLabels) and len(drawn.counts) == 10 and np.ptp(drawn.counts) > 0
    assert all(isinstance(edit, KnownContent) for edit in (strokes, denoising))
    assert (strokes.name, denoising.name) == ("strokes", "denoising") and strokes.count == 360
    assert made[0].sampler.make("model", "request") == "sampled"
    assert made[3].sampler.make("model", SimpleNamespace(edit="a task")) == "a task"


def test_nothing_is_started_from_where_labels_alone_are_drawn(loaded, files, monkeypatch):
    monkeypatch.setattr(models, "load_method", lambda name: SimpleNamespace(sample=None))
    uniform = params(CELL, labels={"rule": "uniform", "split": None})
    (ready,) = samplers(uniform, files | {"images": []}, torch.device("cpu"))
    assert ready.sampler.condition == DrawnLabels([1] * 10)
