"""Consistency distillation: the step follows the ODE, the exact function costs nothing, the student alone learns."""

import math

import pytest
import torch
from shrunken import lively, network, teacher_of, training_run

from fewstep.base.folders import METHODS
from fewstep.contract.models import load_method
from fewstep.diffusion.consistency import squared_l2
from fewstep.diffusion.schedules import karras_grid

cd = load_method("consistency_distillation")
POINT, SPREAD = 0.3, 0.5


def exact_for_gaussian(x, t):
    """The consistency function of N(0, SPREAD^2), down to level 0.002."""
    return x * ((SPREAD**2 + 0.002**2) / (SPREAD**2 + t**2)).sqrt()


def exact_for_a_point(x, t):
    """The consistency function of data that is POINT alone."""
    return POINT + (x - POINT) * 0.002 / t


def test_the_teachers_step_has_a_third_order_error(gaussian):
    def error(h):
        t, s = torch.full((1,), 1.0, dtype=torch.float64), torch.full((1,), 1.0 - h, dtype=torch.float64)
        x = torch.full((1, 1, 1, 1), 2.0, dtype=torch.float64)
        exact = 2.0 * math.sqrt((SPREAD**2 + s.item() ** 2) / (SPREAD**2 + 1))
        return abs(cd.heun_step(gaussian(SPREAD), x, t, s, None).item() - exact)

    for h in (0.04, 0.02, 0.01):
        assert math.log2(error(h) / error(h / 2)) == pytest.approx(3, abs=0.15)


def test_the_teachers_step_is_exact_on_straight_trajectories(recorder):
    teacher = recorder(lambda x, t: torch.full_like(x, POINT))
    x, t, s = torch.randn(3, 1, 2, 2), torch.tensor([80.0, 5.0, 0.5]), torch.tensor([57.0, 3.0, 0.3])
    wide_t, wide_s = t.reshape(-1, 1, 1, 1), s.reshape(-1, 1, 1, 1)
    moved = cd.heun_step(teacher, POINT + wide_t * x, t, s, None)
    assert torch.allclose(moved, POINT + wide_s * x, rtol=1e-5) and len(teacher.t) == 2


def test_the_teacher_takes_finer_steps_between_the_students_levels(recorder, make_batch):
    grid, stride = karras_grid(9).float(), 2
    teacher, student, target = (recorder(exact_for_a_point) for _ in range(3))
    cd.distillation_loss(student, target, teacher, make_batch(200), grid, squared_l2, stride)
    assert set(student.t[0].tolist()) == set(grid[:-1:stride].tolist())
    assert set(target.t[0].tolist()) == set(grid[stride::stride].tolist())
    assert len(teacher.t) == 2 * stride  # each of its steps begins with a slope and ends with another
    assert torch.equal(teacher.t[1], teacher.t[2]) and set(teacher.t[1].tolist()) == set(grid[1::stride].tolist())


def test_the_exact_consistency_function_costs_nothing(recorder, make_batch):
    teacher, batch = recorder(lambda x, t: torch.full_like(x, POINT)), make_batch(500, spread=0)
    batch.images.fill_(POINT)
    exact, wrong = recorder(exact_for_a_point), recorder(lambda x, t: 0.9 * exact_for_a_point(x, t) + 0.01 * x)
    assert cd.distillation_loss(exact, exact, teacher, batch, karras_grid(18).float(), squared_l2) < 1e-10
    assert cd.distillation_loss(wrong, wrong, teacher, batch, karras_grid(18).float(), squared_l2) > 1e-5


def test_the_loss_of_the_exact_function_vanishes_with_the_teachers_error(recorder, gaussian, make_batch):
    exact = recorder(exact_for_gaussian)

    def loss(levels):
        return cd.distillation_loss(
            exact, exact, gaussian(SPREAD), make_batch(), karras_grid(levels).float(), squared_l2
        )

    assert loss(36) < loss(18) / 20


def test_student_and_target_stand_on_neighbouring_levels_of_one_trajectory(recorder, make_batch):
    grid, labels = karras_grid(6).float(), torch.arange(2000) % 10
    student, target, teacher = (recorder(lambda x, t: torch.full_like(x, POINT)) for _ in range(3))
    batch = make_batch(2000, spread=0, labels=labels)
    batch.images.fill_(POINT)
    cd.distillation_loss(student, target, teacher, batch, grid, squared_l2)
    places = [torch.searchsorted(-grid, -model.t[0]) for model in (student, target)]
    assert torch.equal(places[1], places[0] + 1)
    assert places[0].bincount().tolist() == pytest.approx([400] * 5, rel=0.2)  # never the last of the six
    noise = [(m.x[0] - POINT) / m.t[0].reshape(-1, 1, 1, 1) for m in (student, target)]
    assert torch.allclose(noise[0], noise[1], atol=1e-2)
    assert all(seen is labels for model in (student, target, teacher) for seen in model.labels)


def test_the_gradient_reaches_the_student_alone(recorder, make_batch):
    student, target, teacher = (recorder(lambda x, t: x / (1 + t)) for _ in range(3))
    cd.distillation_loss(student, target, teacher, make_batch(), karras_grid(18).float(), squared_l2).backward()
    assert student.theta.grad and target.theta.grad is None and teacher.theta.grad is None


@pytest.mark.parametrize(("levels", "substeps"), [(3, 5), (6, 2)])
def test_a_recipe_says_between_which_levels_the_student_jumps(tmp_path, monkeypatch, levels, substeps):
    net = network(METHODS, "consistency_distillation", "default")
    module, seen, moves = net.module, [], []
    monkeypatch.setattr(module, "add_noise", lambda x, z, t: seen.append(t) or x + t.reshape(-1, 1, 1, 1) * z)
    monkeypatch.setattr(module, "heun_step", lambda teacher, x, *rest: moves.append(rest) or x)
    run = training_run(net, tmp_path, levels=levels, substeps=substeps, batch=64)
    module.train(run)
    assert len(moves) == substeps * run.steps
    assert torch.cat(seen).unique().tolist() == pytest.approx(karras_grid(levels)[:-1].flip(0).tolist())


def test_the_student_starts_from_the_teachers_weights(tmp_path):
    net = network(METHODS, "consistency_distillation", "default")
    model = net.module.train(training_run(net, tmp_path, learning_rate=0.0))
    for name, weight in teacher_of(net).state_dict().items():
        assert torch.equal(model.state_dict()[name], weight)


def test_a_recipe_with_a_start_goes_on_from_its_weights(tmp_path):
    net = network(METHODS, "consistency_distillation", "default")
    run = training_run(net, tmp_path, learning_rate=0.0)
    run.start = lively(cd.build(net.recipe, net.shape), seed=1)
    model = cd.train(run)
    for name, weight in run.start.state_dict().items():
        assert torch.equal(model.state_dict()[name], weight)
