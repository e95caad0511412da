"""The moving average: its recursion, its half-life in images, and its ramp-up."""

import pytest
import torch

from fewstep.ema import EMA, half_life_decay


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


def test_buffers_are_copied_not_averaged():
    model = torch.nn.BatchNorm1d(1)
    ema = EMA(model)
    model.running_mean.fill_(8.0)
    model.num_batches_tracked.fill_(3)
    ema.update(model, 0.5)
    assert ema.model.running_mean.item() == 8 and ema.model.num_batches_tracked.item() == 3


def test_after_a_half_life_of_images_half_of_the_past_is_left():
    decay = half_life_decay(1000, batch=50, images_seen=10**9)
    assert decay ** (1000 / 50) == pytest.approx(0.5)
    assert half_life_decay(1000, 50, images_seen=0, ramp_up=None) == decay


def test_ramp_up_shortens_the_memory_to_a_twentieth_of_what_was_seen():
    assert half_life_decay(1e6, batch=50, images_seen=0) == 0  # the first update copies
    assert half_life_decay(1e6, batch=50, images_seen=1000) == pytest.approx(0.5 ** (50 / 50))
    decays = [half_life_decay(1000, 50, seen) for seen in range(0, 40_000, 500)]
    assert decays == sorted(decays) and decays[-1] == pytest.approx(0.5 ** (50 / 1000))
