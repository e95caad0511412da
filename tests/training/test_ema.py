"""The moving average: its recursion, its half-life in images, and its ramp-up."""

import pytest
import torch
from torch.nn.utils.parametrizations import spectral_norm

from fewstep.training.ema import EMA, half_life_decay


def scalar(value):
    model = torch.nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(value)
    return model


def test_the_average_is_the_closed_form():
    ema = EMA(scalar(1.0))
    for value in (2.0, 4.0):
        ema.update(scalar(value), 0.9)
    assert ema.model.weight.item() == pytest.approx(0.9**2 * 1 + 0.9 * 0.1 * 2 + 0.1 * 4)


def test_decay_0_copies_and_decay_1_keeps():
    ema = EMA(scalar(1.0))
    ema.update(scalar(5.0), 1.0)
    assert ema.model.weight.item() == 1
    ema.update(scalar(5.0), 0.0)
    assert ema.model.weight.item() == 5


def test_the_shadow_is_its_own_copy_frozen_and_in_evaluation_mode():
    model = torch.nn.Sequential(scalar(1.0), torch.nn.Dropout(0.5)).train()
    ema = EMA(model)
    model[0].weight.data.fill_(7)
    assert ema.model[0].weight.item() == 1 and not ema.model[1].training
    assert not any(p.requires_grad for p in ema.parameters()) and model[0].weight.requires_grad


def test_statistics_of_the_weights_are_averaged_and_counts_are_copied():
    model = torch.nn.BatchNorm1d(1)
    ema = EMA(model)
    model.running_mean.fill_(8.0)
    model.num_batches_tracked.fill_(3)
    ema.update(model, 0.75)
    assert ema.model.running_mean.item() == 2 and ema.model.num_batches_tracked.item() == 3


def test_statistics_stay_those_of_the_averaged_weights():
    # The mean output of a linear layer on fixed inputs is linear in its weights, and so is that of their average.
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2, momentum=1.0))
    x, ema = torch.randn(50, 3), EMA(model)
    model(x)
    ema.update(model, 0.0)
    for _ in range(5):
        torch.nn.init.normal_(model[0].weight)
        model(x)
        ema.update(model, 0.8)
    assert torch.allclose(ema.model[1].running_mean, ema.model[0](x).mean(0), atol=1e-6)
    assert not torch.allclose(model[1].running_mean, ema.model[1].running_mean, atol=0.05)


def test_a_table_that_never_changes_is_kept_to_the_bit():
    model = scalar(1.0)
    model.register_buffer("table", torch.rand(1000, dtype=torch.float64))
    ema = EMA(model)
    for decay in (0.0, 0.3, 0.5, 0.999):
        ema.update(model, decay)
    assert torch.equal(ema.model.table, model.table)


def test_directions_of_spectral_norm_keep_their_length():
    model = spectral_norm(torch.nn.Linear(6, 4))
    ema = EMA(model)
    torch.nn.init.normal_(model.parametrizations.weight.original)
    for _ in range(20):
        model(torch.randn(1, 6))
    ema.update(model, 0.5)
    power = ema.model.parametrizations.weight[0]
    assert power._u.norm().item() == pytest.approx(1) and power._v.norm().item() == pytest.approx(1)
    assert torch.equal(power._u, model.parametrizations.weight[0]._u)


def test_after_a_half_life_of_images_half_of_the_past_is_left():
    decay = half_life_decay(1000, batch=50, images_seen=10**9)
    assert decay ** (1000 / 50) == pytest.approx(0.5)
    assert half_life_decay(1000, 50, images_seen=0, ramp_up=None) == decay


def test_ramp_up_shortens_the_memory_to_a_twentieth_of_what_was_seen():
    assert half_life_decay(1e6, batch=50, images_seen=0) == 0  # the first update copies
    assert half_life_decay(1e6, batch=50, images_seen=1000) == pytest.approx(0.5 ** (50 / 50))
    decays = [half_life_decay(1000, 50, seen) for seen in range(0, 40_000, 500)]
    assert decays == sorted(decays) and decays[-1] == pytest.approx(0.5 ** (50 / 1000))
