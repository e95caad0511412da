"""Consistency training: one image and one noise at two levels; the paper's and the improved weights and curricula."""

import csv

import pytest
import torch
import torch.nn.functional as F
from shrunken import network, training_run

from fewstep.base.folders import METHODS
from fewstep.contract.models import load_method
from fewstep.diffusion.consistency import pseudo_huber, squared_l2
from fewstep.diffusion.schedules import consistency_levels, improved_levels, karras_grid, lognormal_bins
from fewstep.training import loop as training

ct = load_method("consistency_training")
SETTINGS = {"log_sigma_mean": -1.1, "log_sigma_std": 2.0}


def paper(model, batch, levels=11):
    return ct.paper_loss(model, model, batch, levels, squared_l2)


def improved(model, batch, levels=11):
    return ct.improved_loss(model, batch, levels, SETTINGS, seed=0)


@pytest.mark.parametrize("loss", [paper, improved])
def test_both_points_have_the_same_image_and_noise_on_neighbouring_levels(loss, recorder, make_batch):
    model, batch = recorder(lambda x, t: x), make_batch(500)
    loss(model, batch)
    points = {}
    for x, t in zip(model.x, model.t, strict=True):
        points[t.mean().item()] = ((x - batch.images) / t.reshape(-1, 1, 1, 1), t)
    (near, s), (far, t) = (points[mean] for mean in sorted(points))
    assert torch.allclose(near, far, atol=1e-2, rtol=1e-3) and far.std().item() == pytest.approx(1, abs=0.05)
    grid = karras_grid(11).float()
    assert torch.equal(torch.searchsorted(-grid, -s), torch.searchsorted(-grid, -t) + 1)


@pytest.mark.parametrize("loss", [paper, improved])
def test_the_noisier_point_is_the_students(loss, recorder, make_batch):
    student = recorder(lambda x, t: x * 0 + t)
    tracked = []
    student.register_forward_hook(lambda module, inputs, output: tracked.append((inputs[1], output.requires_grad)))
    loss(student, make_batch(4))
    (t, learns), (s, fixed) = sorted(tracked, key=lambda call: -call[0].mean())
    assert (t > s).all() and learns and not fixed


def test_indices_are_uniform_in_the_paper_and_lognormal_when_improved(recorder, make_batch):
    grid = karras_grid(11).float()
    for loss, expected in [(paper, torch.full((10,), 0.1)), (improved, lognormal_bins(grid, -1.1, 2.0))]:
        model = recorder(lambda x, t: x)
        loss(model, make_batch(50_000, side=1))
        t = max(model.t, key=torch.mean)
        counts = torch.searchsorted(-grid, -t).bincount(minlength=10) / 50_000
        assert torch.allclose(counts, expected.float(), atol=0.007)


def test_the_improved_loss_is_weighted_by_the_inverse_gap(recorder, make_batch):
    grid = karras_grid(11).float()
    model = recorder(
        lambda x, t: x * 0 + torch.searchsorted(-grid, -t.contiguous())
    )  # neighbours differ by 1 everywhere
    loss = improved(model, make_batch(64))
    t, s = sorted(model.t, key=lambda level: -level.mean())
    ones = torch.ones(1, 1, 4, 4)
    assert loss.item() == pytest.approx((pseudo_huber(ones, 0 * ones) * (1 / (t - s)).mean()).item(), rel=1e-5)


def test_the_papers_loss_is_not_weighted(recorder, make_batch):
    grid = karras_grid(11).float()
    model = recorder(lambda x, t: x * 0 + torch.searchsorted(-grid, -t.contiguous()))
    assert paper(model, make_batch(64)).item() == pytest.approx(1)


def test_no_gradient_flows_into_the_target(recorder, make_batch):
    # f = theta t: with the target fixed, d/dtheta of (theta t - s)^2 at theta = 1 is 2 (t - s) t, not 2 (t - s)^2.
    model, batch = recorder(lambda x, t: x * 0 + t), make_batch(1)
    paper(model, batch).backward()
    t, s = sorted((level.item() for level in model.t), reverse=True)
    assert model.theta.grad.item() == pytest.approx(2 * (t - s) * t, rel=1e-4)
    model = recorder(lambda x, t: x * 0 + t)
    improved(model, batch).backward()
    t, s = sorted((level.item() for level in model.t), reverse=True)
    gap, c = 4 * (t - s), 0.00054 * 4  # 16 pixels
    assert model.theta.grad.item() == pytest.approx(4 * t / (t - s) * gap / (gap**2 + c**2) ** 0.5, rel=1e-3)


def test_the_target_network_of_the_paper_gets_no_gradient(recorder, make_batch):
    student, target = recorder(lambda x, t: x), recorder(lambda x, t: x)
    ct.paper_loss(student, target, make_batch(), 11, squared_l2).backward()
    assert student.theta.grad and target.theta.grad is None and len(target.t) == 1


def test_both_passes_of_the_improved_loss_drop_the_same_units(recorder, make_batch):
    model = recorder(lambda x, t: F.dropout(torch.ones_like(x), 0.5))
    assert improved(model, make_batch()).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("recipe", "levels"), [("paper", consistency_levels), ("improved", improved_levels)])
def test_training_follows_the_curriculum(recipe, levels, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "LOG_EVERY", 1)
    net = network(METHODS, "consistency_training", recipe)
    net.module.train(training_run(net, tmp_path, steps=8, batch=2))
    settings = net.recipe["training"]
    with open(tmp_path / "log.csv", encoding="utf-8") as file:
        logged = [float(row["levels"]) for row in csv.DictReader(file)]
    assert logged == [levels(k, 8, settings["s0"], settings["s1"]) for k in range(8)] and len(set(logged)) > 2
