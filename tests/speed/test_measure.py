"""All parts together on the machine with the fake clock, and one real sampler."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fewstep.base.errors import FewstepError
from fewstep.speed.environment import Load
from fewstep.speed.measure import measure
from fewstep.speed.row import speed_row
from fewstep.speed.settings import Settings
from fewstep.speed.workload import Timer, Workload, call_seconds


def measured(machine, workloads, settings, others=0.0):
    return measure(workloads, settings, machine.clock, machine.calibrate, lambda: Load(3.0, others))


def test_quiet_machine(machine, settings):
    [result] = measured(machine, [machine.workload("a", 0.0, 0.01)], settings)
    assert result.quality == "ok"
    assert result.compile_seconds == pytest.approx(0.0, abs=1e-9)
    assert result.latency.p50 == pytest.approx(0.01) and result.latency.calls == 100


def test_load_before_the_start_is_noisy(machine, settings):
    [result] = measured(machine, [machine.workload("a")], settings, others=1000.0)
    assert result.quality == "noisy"


def test_a_machine_that_slows_down_meanwhile_is_noisy(machine, settings):
    machine.slowness = lambda now: 1.0 + now
    [result] = measured(machine, [machine.workload("a")], settings)
    assert result.quality == "noisy"


def test_first_call_is_kept_apart(machine, settings):
    machine.slowness = lambda now: 301.0 if now == 0.0 else 1.0
    [result] = measured(machine, [machine.workload("a", 0.0, 0.01)], settings)
    assert result.compile_seconds == pytest.approx(3.0)
    assert result.latency.p90 == pytest.approx(0.01)
    assert result.throughput.images_per_second == pytest.approx(100.0)


def test_one_image_that_does_not_fit_is_one_sentence(machine, settings):
    with pytest.raises(FewstepError, match="a: a batch of 1 does not fit"):
        measured(machine, [machine.workload("a", fits=0)], settings)


def test_threads_are_those_of_the_settings_and_given_back(machine, settings):
    usual, seen, before = machine.workload("a"), set(), torch.get_num_threads()

    def generate(count):
        seen.add(torch.get_num_threads())
        return usual.generate(count)

    measured(machine, [Workload("a", "a", generate, usual.network)], replace(settings, threads=before + 1))
    assert seen == {before + 1}
    assert torch.get_num_threads() == before


def test_row_has_the_units_of_its_columns(machine, settings):
    workload = machine.workload("a", 0.0, 0.01)
    [result] = measured(machine, [workload], replace(settings, latency_calls=20))
    row = speed_row(result, settings, "cpu-1")
    assert row["load1"] == 3.0
    assert row["latency_p50_ms"] == pytest.approx(10.0)
    assert row["latency_p99_ms"] is None and row["latency_calls"] == 20
    assert row["images_per_second_q25"] <= row["images_per_second"] <= row["images_per_second_q75"]
    assert row["relative_low"] <= row["relative_throughput"] <= row["relative_high"]
    assert (row["batch"], row["device"], row["dtype"], row["hardware"]) == (1, "cpu", "float32", "cpu-1")


def test_a_real_sampler_gains_from_batches():
    """Only the order of magnitude: a small network at batch 64 makes more images a second than at batch 1."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 64))

    @torch.inference_mode()
    def generate(count):
        images = network(torch.randn(count, 1, 8, 8)).view(count, 8, 8, 1)
        return images.clamp(0, 255).to(torch.uint8).numpy()

    workload = Workload("linear", "linear", generate, network)
    one = min(call_seconds(workload, 1, Timer(), calls=20) / 20 for _ in range(5))
    many = min(call_seconds(workload, 64, Timer(), calls=20) / 20 for _ in range(5))
    assert 64 / many > 1 / one

    settings = Settings((1, 64), rounds=3, latency_calls=10, warmup_seconds=0.01, round_seconds=0.002)
    [result] = measure([workload], settings)
    assert result.throughput.batch == 64
    assert np.isfinite(list(result.throughput.sweep.values())).all()
    assert result.resources.flops == 2 * 2 * 64 * 64
