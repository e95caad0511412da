"""Easy consistency tuning: a mapping from diffusion to consistency training, and a target that does not learn."""

import pytest
import torch
import torch.nn.functional as F
from shrunken import network, teacher_of, training_run

from fewstep.base.folders import METHODS
from fewstep.contract.models import load_method

ect = load_method("ect")
MAPPING = {"q": 4, "k": 8.0, "b": 1.0}
SETTINGS = {**MAPPING, "huber_c": 0.0, "log_sigma_mean": -1.1, "log_sigma_std": 2.0}
ALWAYS_ZERO = {**SETTINGS, "q": 1}  # n(t) / q >= 1: r is 0 at every t
LEVELS = torch.logspace(-3, 2, 50)


def test_r_tends_to_t_as_stages_pass():
    gaps = [(LEVELS - ect.target_level(LEVELS, stage, **MAPPING)) / LEVELS for stage in range(12)]
    for earlier, later in zip(gaps, gaps[1:], strict=False):
        assert (later <= earlier).all() and (later > -1e-6).all()
    assert gaps[-1].max() < 1e-5


def test_r_is_zero_at_small_levels_first_and_a_fixed_share_of_large_ones():
    r = ect.target_level(LEVELS, 0, **MAPPING)
    assert not r[LEVELS < 0.1].any() and (r >= 0).all() and (r < LEVELS).all()
    assert torch.allclose(r[LEVELS > 20] / LEVELS[LEVELS > 20], torch.tensor(1 - 1 / 4))
    n = 1 + 8 / (1 + torch.e**2.0)  # k = 8, b = 1 at t = 2
    assert ect.target_level(torch.tensor(2.0), 1, **MAPPING).item() == pytest.approx(2 * (1 - n / 16))


def test_where_r_is_zero_the_loss_is_a_diffusion_loss(recorder, make_batch):
    batch = make_batch(64)
    model = recorder(lambda x, t: batch.images + 0.5)  # an error of 0.5 in each of 16 pixels: a norm of 2
    loss = ect.tuning_loss(model, batch, 0, ALWAYS_ZERO, seed=0)
    assert loss.item() == pytest.approx((2 / model.t[0]).mean().item(), rel=1e-4)
    perfect = recorder(lambda x, t: batch.images)
    assert ect.tuning_loss(perfect, batch, 0, ALWAYS_ZERO, seed=0).item() == pytest.approx(0, abs=1e-4)


def test_the_network_is_never_evaluated_at_level_zero(recorder, make_batch):
    model = recorder(lambda x, t: t.log() * x)
    loss = ect.tuning_loss(model, make_batch(), 0, SETTINGS, seed=0)
    assert torch.isfinite(loss) and all((level > 0).all() for level in model.t)


def test_both_points_have_the_same_image_and_noise(recorder, make_batch):
    model, batch = recorder(lambda x, t: x), make_batch(2000)
    ect.tuning_loss(model, batch, 1, SETTINGS, seed=0)
    student, target = model.t
    noise = [(x - batch.images) / t.reshape(-1, 1, 1, 1) for x, t in zip(model.x, model.t, strict=True)]
    large = student > 0.1  # the images' rounding errors are divided by t
    assert torch.allclose(noise[0][large], noise[1][large], atol=1e-3)
    r = ect.target_level(student, 1, **MAPPING)
    assert torch.equal(target[r > 0], r[r > 0])
    logs = student.log()
    assert (logs.mean().item(), logs.std().item()) == pytest.approx((-1.1, 2.0), abs=0.15)


def test_the_loss_is_weighted_by_the_inverse_gap(recorder, make_batch):
    batch = make_batch(64)
    model = recorder(lambda x, t: x * 0 + t / 4)  # the norm of the difference over 16 pixels is t - r
    assert ect.tuning_loss(model, batch, 2, SETTINGS, seed=0).item() == pytest.approx(1, rel=1e-2)


def test_no_gradient_flows_into_the_target(recorder, make_batch):
    # f = theta t / 4: with the target fixed, d/dtheta of |theta t - r| / (t - r) is t / (t - r), and 1 otherwise.
    model, batch = recorder(lambda x, t: x * 0 + t / 4), make_batch(1)
    ect.tuning_loss(model, batch, 2, SETTINGS, seed=0).backward()
    t, r = (level.item() for level in model.t)
    assert model.theta.grad.item() == pytest.approx(t / (t - r), rel=1e-3) and t / (t - r) > 2


def test_both_passes_drop_the_same_units(recorder, make_batch):
    model = recorder(lambda x, t: F.dropout(torch.ones_like(x), 0.5))
    assert ect.tuning_loss(model, make_batch(), 2, SETTINGS, seed=0).item() < 0.1


def test_training_starts_from_the_teacher_and_visits_every_stage(tmp_path, monkeypatch):
    net = network(METHODS, "ect", "default")
    model = net.module.train(training_run(net, tmp_path, learning_rate=0.0))
    for name, weight in teacher_of(net).state_dict().items():
        assert torch.equal(model.state_dict()[name], weight)
    stages, loss = [], net.module.tuning_loss
    monkeypatch.setattr(
        net.module, "tuning_loss", lambda m, b, stage, *rest: stages.append(stage) or loss(m, b, stage, *rest)
    )
    net.module.train(training_run(net, tmp_path / "stages", steps=8))
    assert stages == [0, 0, 1, 1, 2, 2, 3, 3]
