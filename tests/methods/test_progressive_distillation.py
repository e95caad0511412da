"""Progressive distillation: a student's step is two of its teacher's, stage after stage, down the chain of recipes."""

import pytest
import torch
from shrunken import network, start_of, teacher_of, training_run

from fewstep.base.folders import METHODS
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.diffusion.solvers import euler
from fewstep.plan.cards import discover

pd = load_method("progressive_distillation")
CARD = discover()["progressive_distillation"]
POINT, SPREAD = 0.3, 0.5


def two_steps_of_the_gaussian(t, middle, after):
    """D* / x for data N(0, SPREAD^2): what the student must answer, as a factor of x."""
    keep = lambda a, b: b / a + (1 - b / a) * SPREAD**2 / (SPREAD**2 + a**2)  # noqa: E731
    moved = keep(t, middle) * keep(middle, after)
    return (moved - after / t) / (1 - after / t)


def test_the_implied_estimate_takes_one_step_where_it_was_read_off():
    t, s = torch.tensor([80.0, 3.0, 0.01]).double(), torch.tensor([57.0, 0.002, 0.002]).double()
    x, moved = torch.randn(2, 3, 1, 2, 2, dtype=torch.float64)
    estimate = pd.implied_denoised(x, moved, t, s)
    assert torch.allclose(pd.euler_step(lambda *_: estimate, x, t, s, None), moved)


def test_a_step_is_the_euler_step_of_the_diffusion_samplers(gaussian):
    x, t = torch.randn(2, 1, 2, 2).double(), torch.full((2,), 3.0).double()
    tiny = torch.full_like(t, 1e-12)
    one = euler(lambda x, sigma: gaussian(SPREAD)(x, torch.full((2,), sigma)), x, torch.tensor([3.0]).double())
    assert torch.allclose(pd.euler_step(gaussian(SPREAD), x, t, tiny, None), one)


def test_a_student_that_takes_both_steps_of_its_teacher_costs_nothing(gaussian, recorder, make_batch):
    grid = pd.levels(6)
    after = dict(zip(grid[::2].tolist(), zip(grid[1::2].tolist(), grid[2::2].tolist(), strict=True), strict=False))

    def student(x, t):
        factors = [two_steps_of_the_gaussian(level, *after[level]) for level in t.flatten().tolist()]
        return x * torch.tensor(factors).double().reshape(-1, 1, 1, 1)

    batch = make_batch(200)
    assert pd.distillation_loss(recorder(student), gaussian(SPREAD), batch, grid) < 1e-10
    assert pd.distillation_loss(recorder(lambda x, t: 0.9 * student(x, t)), gaussian(SPREAD), batch, grid) > 1e-3


def test_an_error_counts_by_the_truncated_signal_to_noise_ratio(recorder, make_batch):
    teacher, student = recorder(lambda x, t: torch.zeros_like(x)), recorder(lambda x, t: torch.ones_like(x))
    grid = pd.levels(8)
    loss = pd.distillation_loss(student, teacher, make_batch(4000, side=1), grid)
    t = student.t[0]
    assert loss.item() == pytest.approx((1 / t**2).clamp(min=1).mean().item(), rel=1e-4)
    assert torch.equal(t.unique().sort().values, grid[:-1:2].sort().values)  # never 0.002
    assert t.unique(return_counts=True)[1].tolist() == pytest.approx([1000] * 4, rel=0.15)


def test_the_teacher_walks_over_the_level_between_along_one_trajectory(recorder, make_batch):
    grid, labels = pd.levels(8), torch.arange(50) % 10
    student, teacher = (recorder(lambda x, t: torch.full_like(x, POINT)) for _ in range(2))
    batch = make_batch(50, spread=0, labels=labels)
    batch.images.fill_(POINT)
    assert pd.distillation_loss(student, teacher, batch, grid) < 1e-8  # on straight lines nothing changes
    place = {level: i for i, level in enumerate(grid.tolist())}
    first, second = ([place[level] for level in seen.tolist()] for seen in teacher.t)
    assert second == [i + 1 for i in first] and torch.equal(teacher.t[0], student.t[0])
    noise = [(x - POINT) / t.reshape(-1, 1, 1, 1) for x, t in zip(teacher.x, teacher.t, strict=True)]
    assert torch.allclose(*noise, atol=1e-5)
    assert all(seen is labels for model in (student, teacher) for seen in model.labels)


def test_the_gradient_reaches_the_student_alone(recorder, make_batch):
    student, teacher = (recorder(lambda x, t: x / (1 + t)) for _ in range(2))
    pd.distillation_loss(student, teacher, make_batch(), pd.levels(8).float()).backward()
    assert student.theta.grad and teacher.theta.grad is None


def test_stages_halve_the_steps():
    assert pd.halvings(64, 4) == [32, 16, 8, 4]
    assert pd.halvings(2, 1) == [1]


@pytest.mark.parametrize("dataset", CARD["datasets"])
def test_every_recipe_starts_with_the_steps_at_which_the_one_before_ended(dataset):
    recipes = CARD["datasets"][dataset]["recipes"]
    for name, recipe in recipes.items():
        steps = recipe["training"]
        assert pd.halvings(steps["teacher_steps"], steps["student_steps"])[0] * 2 == steps["teacher_steps"]
        if "start" in recipe:
            assert steps["teacher_steps"] == recipes[recipe["start"]]["training"]["student_steps"]
        nfe = [v["nfe"] for v in CARD["variants"].values() if v["recipe"] == name]
        assert nfe == [[steps["student_steps"]]]


def test_a_perfect_student_samples_what_its_teacher_samples_in_twice_the_steps(gaussian, recorder):
    request = SampleRequest(ImageShape(1, 4, 4), 0, range(50), 6)
    grid = pd.levels(6).tolist()
    triples = {grid[i]: grid[i : i + 3] for i in (0, 2, 4)}
    student = recorder(lambda x, t: x * two_steps_of_the_gaussian(*triples[t.flatten()[0].item()]))
    halved = pd.sample(student, SampleRequest(ImageShape(1, 4, 4), 0, range(50), 3))
    assert torch.allclose(halved, pd.sample(gaussian(SPREAD), request))
    assert [t[0].item() for t in student.t] == grid[:-1:2]


def stages_of(net, folder, monkeypatch, **changes):
    """Train and record, for every update, the student's and the teacher's weights before it and the rate."""
    seen = []
    loss, update = pd.distillation_loss, pd.optimise

    def spy(student, teacher, batch, grid):
        weights = [[p.detach().clone() for p in model.parameters()] for model in (student, teacher)]
        seen.append([*weights, (len(grid) - 1) // 2])
        return loss(student, teacher, batch, grid)

    def spy_on_rate(loss, optimizer, clip):
        seen[-1].append((optimizer.param_groups[0]["lr"], len(optimizer.state)))
        update(loss, optimizer, clip)

    monkeypatch.setattr(net.module, "distillation_loss", spy)
    monkeypatch.setattr(net.module, "optimise", spy_on_rate)
    net.module.train(training_run(net, folder, **changes))
    return seen


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a, b, strict=True))


def test_the_student_of_a_stage_is_the_teacher_of_the_next(tmp_path, monkeypatch):
    net = network(METHODS, "progressive_distillation", "n4")
    seen = stages_of(net, tmp_path, monkeypatch, steps=6, teacher_steps=32, student_steps=4, learning_rate=0.1)
    assert [steps for _, _, steps, _ in seen] == [16, 16, 8, 8, 4, 4]
    assert [rate for *_, (rate, _) in seen] == pytest.approx([0.1, 0.05] * 3)  # linearly towards 0 in every stage
    assert [bool(moments) for *_, (_, moments) in seen] == [False, True] * 3  # Adam forgets between stages
    assert same(seen[0][0], seen[0][1]) and same(seen[0][1], teacher_of(net).parameters())
    for first, second in zip(seen[::2], seen[1::2], strict=True):
        assert same(first[0], first[1]) and same(second[1], first[1]) and not same(second[0], second[1])
    assert not same(seen[2][1], seen[0][1])


def test_a_recipe_with_a_start_learns_from_it_and_not_from_the_diffusion_model(tmp_path, monkeypatch):
    net = network(METHODS, "progressive_distillation", "n2")
    first = stages_of(net, tmp_path, monkeypatch)[0]
    assert same(first[0], first[1]) and same(first[1], start_of(net).parameters())
