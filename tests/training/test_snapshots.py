"""Snapshots: when they are due, what is drawn, and that drawing leaves training alone."""

import numpy as np
import pytest
import torch
import yaml

from fewstep.contract.conditions import SmallImages
from fewstep.contract.method import ImageShape
from fewstep.plan.cards import Network
from fewstep.training import snapshots

SHAPE = ImageShape(1, 2, 2, 3)
NETWORK = Network("toys", "made_up", "default")


@pytest.fixture
def methods(tmp_path):
    """methods/ with a card whose second recipe no variant samples."""
    card = {
        "title": "A", "paper": "B", "year": 2024, "family": "gan", "weights": ["train"],
        "variants": {
            "first": {"label": "A", "nfe": {"min": 3, "max": 99, "step": 2}, "sampling": {"scale": 0.5}},
            "second": {"label": "B", "nfe": [1]},
            "searched": {"label": "C", "nfe": [1], "recipe": "found", "search": {"scale": [0.7, 0.2]}},
        },
        "datasets": {"toys": {"recipes": {"default": {}, "hidden": {}, "found": {}}}},
    }  # fmt: skip
    (tmp_path / "made_up").mkdir()
    (tmp_path / "made_up" / "method.yaml").write_text(yaml.safe_dump(card))
    return tmp_path


def sampler(sample, methods, network=NETWORK):
    return snapshots.sampler(sample, network, SHAPE, torch.device("cpu"), methods=methods)


def test_snapshots_are_due_at_five_points_and_at_the_end():
    assert snapshots.points(1000) == [62, 125, 250, 500, 1000]
    assert snapshots.points(3) == [1, 3] and snapshots.points(1) == [1]


def test_the_first_variant_of_the_recipe_is_sampled_at_an_affordable_nfe(methods):
    asked = []

    def sample(model, request):
        asked.append(request)
        return torch.zeros(len(request.indices), *SHAPE.chw)

    draw = sampler(sample, methods)
    drawn = draw(torch.nn.Linear(1, 1))
    assert drawn.shape == (snapshots.COUNT, 2, 2, 1) and drawn.dtype == torch.uint8
    (request,) = asked
    assert request.nfe == 31 and request.settings == {"scale": 0.5} and request.shape == SHAPE
    assert request.labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0] and list(request.indices) == list(range(10))
    assert sampler(sample, methods, NETWORK._replace(recipe="hidden")) is None


def test_what_is_yet_to_be_searched_has_its_first_candidate(methods):
    asked = []

    def sample(model, request):
        asked.append(request)
        return torch.zeros(len(request.indices), *SHAPE.chw)

    sampler(sample, methods, NETWORK._replace(recipe="found"))(torch.nn.Linear(1, 1))
    assert asked[0].settings == {"scale": 0.7}


def test_images_to_enlarge_are_some_of_the_inputs_with_their_labels(methods):
    asked = []

    def sample(model, request):
        asked.append(request)
        return torch.zeros(len(request.indices), *SHAPE.chw)

    inputs = SmallImages(torch.arange(91.0).reshape(-1, 1, 1, 1), torch.arange(91) % 3, "made up")
    snapshots.sampler(sample, NETWORK, SHAPE, torch.device("cpu"), inputs, methods)(torch.nn.Linear(1, 1))
    assert asked[0].low_resolution.flatten().tolist() == [*range(0, 91, 10)]
    assert asked[0].labels.tolist() == [i % 3 for i in range(0, 91, 10)]


@pytest.mark.parametrize(("nfe", "taken"), [([1, 2, 4], 4), ([64], 64), ([784, 64], 64), ([16, 32, 64], 32)])
def test_what_is_affordable_of_a_list(nfe, taken):
    assert snapshots._affordable(nfe) == taken


def test_drawing_changes_neither_the_model_nor_the_random_numbers_that_follow(methods):
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.BatchNorm1d(1))
    before = {name: value.clone() for name, value in model.state_dict().items()}

    def careless(model, request):
        model.train()(torch.randn(5, 1))
        for parameter in model.parameters():
            parameter.data.add_(1)
        return torch.randn(len(request.indices), *SHAPE.chw)

    torch.manual_seed(3)
    expected = torch.randn(4)
    torch.manual_seed(3)
    sampler(careless, methods)(model)
    assert torch.equal(torch.randn(4), expected)
    assert model.training and all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_what_is_not_finite_is_shown_and_does_not_stop_the_run(methods):
    broken = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.0]).reshape(1, 1, 2, 2)
    drawn = sampler(lambda model, request: broken.expand(10, 1, 2, 2), methods)(torch.nn.Linear(1, 1))
    assert drawn[0, :, :, 0].tolist() == [[128, 255], [0, 128]]


def test_files_hold_steps_and_images_in_order_and_may_hold_none(tmp_path):
    images = {20: torch.full((10, 2, 2, 1), 2, dtype=torch.uint8), 5: torch.zeros(10, 2, 2, 1, dtype=torch.uint8)}
    snapshots.write(tmp_path / "a.npz", images)
    with np.load(tmp_path / "a.npz") as stored:
        assert stored["steps"].tolist() == [5, 20] and stored["images"].shape == (2, 10, 2, 2, 1)
        assert stored["images"][1].max() == 2
    snapshots.write(tmp_path / "b.npz", {})
    with np.load(tmp_path / "b.npz") as stored:
        assert stored["steps"].tolist() == [] and "images" not in stored
