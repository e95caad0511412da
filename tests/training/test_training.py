"""The training loop: resuming is exact, foreign checkpoints are ignored, what is not finite stops in one sentence."""

import csv
import math

import pytest
import torch
from shrunken import Network, low_resolution, network, networks, training_run

from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS
from fewstep.contract.conditions import SmallImages
from fewstep.contract.method import ImageShape
from fewstep.plan import cards
from fewstep.training import loop as training
from fewstep.training import snapshots
from fewstep.training.loop import TrainingRun, optimise, set_learning_rate


@pytest.fixture
def save_each_step(monkeypatch):
    monkeypatch.setattr(training, "LOG_EVERY", 1)
    monkeypatch.setattr(training, "SAVE_EVERY_SECONDS", -1.0)


class Killed(BaseException):
    """Stands for the signal that ends a run between two steps."""


def kill_at(run, step):
    """The run dies as it draws the batch of `step`; returns the list of steps that it began."""
    draw, begun = run.batch, []

    def batch(k):
        if k == step:
            raise Killed
        begun.append(k)
        return draw(k)

    run.batch = batch
    return begun


def assert_same_weights(a, b):
    assert a.keys() == b.keys()
    different = [name for name in a if not torch.equal(a[name], b[name])]
    assert not different


@pytest.mark.parametrize(("method", "recipe"), networks(METHODS))
def test_a_killed_and_resumed_training_gives_the_weights_of_an_uninterrupted_one(
    method, recipe, tmp_path, save_each_step
):
    net: Network = network(METHODS, method, recipe)
    if net.recipe["training"]["steps"] == 0:
        pytest.skip("there is nothing to train")
    # A target network that lags behind the student, so that losing it on the way would show.
    settings = {"steps": 20} | ({"target_decay": 0.5} if "target_decay" in net.recipe["training"] else {})
    whole = net.module.train(training_run(net, tmp_path / "whole", **settings))
    # Snapshots are taken in the run that is cut off alone: they must not move a weight, nor be lost.
    asked = cards.Network(net.dataset, method, recipe)
    low = low_resolution(net, 0, range(12))
    inputs = None if low is None else SmallImages(low, None, "made up")
    sampler = snapshots.sampler(net.module.sample, asked, net.shape, torch.device("cpu"), inputs)
    first = training_run(net, tmp_path / "resumed", sampler, **settings)
    kill_at(first, 10)
    with pytest.raises(Killed):
        net.module.train(first)
    second = training_run(net, tmp_path / "resumed", sampler, **settings)
    begun = kill_at(second, None)
    resumed = net.module.train(second)
    assert begun == list(range(10, 20))
    assert_same_weights(resumed.state_dict(), whole.state_dict())
    logs = [tmp_path / name / "log.csv" for name in ("whole", "resumed")]
    rows = [log.read_text(encoding="utf-8").splitlines() for log in logs]
    without_seconds = [[line.split(",")[:2] + line.split(",")[3:] for line in lines] for lines in rows]
    assert without_seconds[0] == without_seconds[1] and len(rows[0]) == 21
    assert sorted(second.snapshots) == (snapshots.points(second.steps) if sampler else [])


class Line:
    """The smallest training there is: fit `weight` to 1; the loss of a step can be replaced."""

    def __init__(self, folder, key="key", steps=6, **losses):
        recipe = {"network": {}, "training": {"steps": steps, "batch": 3}}
        images = torch.arange(30.0).reshape(10, 1, 1, 3)
        self.run = TrainingRun(recipe, ImageShape(1, 1, 3), images, None, folder, folder / "w.log.csv", key=key)
        self.model, self.losses, self.begun = torch.nn.Linear(1, 1, bias=False), losses, []
        self.model.weight.data.fill_(0.0)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def step(self, batch, k):
        self.begun.append(k)
        loss = ((self.model.weight - 1) ** 2).sum() * self.losses.get(f"at{k}", 1.0)
        optimise(loss, self.optimizer)
        return {"loss": loss, "weight": self.model.weight.detach().sum()}

    def fit(self):
        self.run.fit(self.step, {"model": self.model, "optimizer": self.optimizer})
        return self.model.weight.item()


def test_a_run_of_no_steps_writes_an_empty_log_and_calls_nothing(tmp_path):
    line = Line(tmp_path, steps=0)
    assert line.fit() == 0 and line.begun == []
    assert line.run.log.read_text(encoding="utf-8") == "step,images_seen,seconds,loss\n"


def test_a_checkpoint_of_another_key_is_ignored(tmp_path, save_each_step):
    for key, begun in [("a", list(range(6))), ("b", list(range(6))), ("b", [])]:
        line = Line(tmp_path, key)
        line.fit()
        assert line.begun == begun
    line.run.finish()
    again = Line(tmp_path, "b")
    again.fit()
    assert again.begun == list(range(6)) and line.run.checkpoint.exists()


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_checkpoint(tmp_path, save_each_step, loss):
    line = Line(tmp_path, at3=loss)
    with pytest.raises(FewstepError, match=r"^w\.log\.csv: the loss 'loss' is (nan|inf) at step 3; .*recipe\.$"):
        line.fit()
    kept = torch.load(line.run.checkpoint, weights_only=True)
    assert kept["step"] == 3 and torch.isfinite(kept["state"]["model"]["weight"]).all()
    healthy, whole = Line(tmp_path), Line(tmp_path / "whole")
    assert healthy.fit() == whole.fit() and healthy.begun == [3, 4, 5]


def test_broken_weights_are_never_saved_though_the_loss_was_finite(tmp_path, save_each_step):
    line = Line(tmp_path)
    healthy = line.step

    def step(batch, k):
        losses = healthy(batch, k)
        if k == 2:
            line.model.weight.data.fill_(math.nan)
        return {"loss": losses["loss"]}

    line.step = step
    with pytest.raises(FewstepError, match=r"^w\.log\.csv: weights are not finite at step 3; the last good"):
        line.fit()
    assert torch.load(line.run.checkpoint, weights_only=True)["step"] == 2


def test_the_log_has_steps_images_seconds_and_every_loss(tmp_path):
    Line(tmp_path, steps=45).fit()
    with open(tmp_path / "w.log.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["step", "images_seen", "seconds", "loss", "weight"]
    assert [int(row["step"]) for row in rows] == [1, 21, 41, 45]
    assert all(int(row["images_seen"]) == 3 * int(row["step"]) for row in rows)
    seconds = [float(row["seconds"]) for row in rows]
    assert seconds == sorted(seconds)
    assert float(rows[0]["loss"]) == 1 and float(rows[-1]["loss"]) < 1e-3


def test_a_step_draws_its_own_numbers_whatever_was_drawn_before(tmp_path):
    run = Line(tmp_path).run
    first = run.batch(5)
    noise = first.normal()
    run.batch(0).normal()
    torch.randn(3)
    again = run.batch(5)
    assert torch.equal(again.images, first.images) and torch.equal(again.normal(), noise)
    assert not torch.equal(run.batch(6).normal(), noise)
    other = Line(tmp_path).run
    other.seed = 1
    assert not torch.equal(other.batch(5).normal(), noise)


def test_labels_stay_with_their_images(tmp_path):
    images = torch.arange(10.0).reshape(10, 1, 1, 1)
    recipe = {"training": {"steps": 1, "batch": 64}}
    run = TrainingRun(recipe, ImageShape(1, 1, 1, 10), images, torch.arange(10), tmp_path, tmp_path / "log")
    batch = run.batch(0)
    assert torch.equal(batch.images.flatten().long(), batch.labels) and len(set(batch.labels.tolist())) > 5


def test_draws_of_a_batch_have_their_distributions(tmp_path):
    images = torch.zeros(1, 1, 1, 1)
    recipe = {"training": {"steps": 1, "batch": 100_000}}
    batch = TrainingRun(recipe, ImageShape(1, 1, 1), images, None, tmp_path, tmp_path / "log").batch(0)
    for normal in (batch.normal(), batch.normals()):
        assert len(normal) == 100_000 and normal.mean().abs() < 0.02
        assert normal.std().item() == pytest.approx(1, abs=0.02)
    assert batch.integers(4).bincount().tolist() == pytest.approx([25_000] * 4, rel=0.03)
    chosen = batch.choose(torch.tensor([0.1, 0.0, 0.9])).bincount().tolist()
    assert chosen == pytest.approx([10_000, 0, 90_000], rel=0.05)


def test_initial_weights_belong_to_the_seed(tmp_path):
    def weights(seed):
        recipe = {"training": {"steps": 1, "batch": 1}}
        TrainingRun(recipe, ImageShape(1, 1, 1), torch.zeros(1, 1, 1, 1), None, tmp_path, tmp_path / "log", seed)
        return torch.nn.Linear(3, 3).weight

    assert torch.equal(weights(0), weights(0)) and not torch.equal(weights(0), weights(1))


def rates(settings, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=123.0)
    found = []
    for k in range(steps):
        set_learning_rate(optimizer, 0.5, k, settings)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def test_the_learning_rate_warms_up_linearly_and_stays():
    assert rates({"warmup": 4}, 6) == pytest.approx([0.125, 0.25, 0.375, 0.5, 0.5, 0.5])
    assert rates({}, 2) == [0.5, 0.5]


def test_the_learning_rate_falls_along_half_a_cosine():
    found = rates({"steps": 100, "decay": "cosine"}, 100)
    assert found[0] == 0.5 and found[50] == pytest.approx(0.25) and found == sorted(found, reverse=True)
    assert found[25] == pytest.approx(0.25 * (1 + math.cos(math.pi / 4))) and found[-1] < 1e-3
    assert rates({"steps": 100, "decay": "cosine", "warmup": 10}, 1)[0] == pytest.approx(0.05)


def test_gradients_are_clipped_by_their_norm_when_asked():
    def moved(clip):
        p = torch.nn.Parameter(torch.zeros(2))
        optimise((p * torch.tensor([30.0, 40.0])).sum(), torch.optim.SGD([p], lr=1.0), clip)
        return p.detach()

    assert torch.equal(moved(None), torch.tensor([-30.0, -40.0]))
    assert torch.allclose(moved(1.0), torch.tensor([-0.6, -0.8]), atol=1e-4)
    assert torch.allclose(moved(1e6), moved(None))


def test_what_a_run_keeps_is_made_once_and_again_for_another_run(tmp_path):
    made = []

    def make():
        made.append(len(made))
        return {"z": torch.full((2,), float(len(made))), "i": torch.tensor([len(made)])}

    first = Line(tmp_path).run.keep("pairs", make)
    again = Line(tmp_path).run.keep("pairs", make)
    assert made == [0] and all(torch.equal(first[name], again[name]) for name in ("z", "i"))
    other = Line(tmp_path, key="other").run
    assert other.keep("pairs", make)["i"] == 2 and Line(tmp_path).run.keep("pairs", make)["i"] == 3
    other.finish()
    assert not list(tmp_path.glob("*.pt"))
