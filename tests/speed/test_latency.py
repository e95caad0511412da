"""Latency: quantiles, and when the timing ends."""

from dataclasses import replace

import numpy as np
import pytest

from fewstep.speed.latency import MIN_CALLS, measure_latency, summarise


def test_quantiles_of_a_known_sequence():
    times = list(np.random.default_rng(0).permutation(np.arange(1, 102)) / 1000)  # 1 to 101 ms
    latency = summarise(times)
    assert latency.calls == 101
    assert (latency.p50, latency.p90, latency.p99) == pytest.approx((0.051, 0.091, 0.100))


def test_p99_needs_a_hundred_calls():
    assert summarise([1.0] * 99).p99 is None
    assert summarise([1.0] * 100).p99 == 1.0


def test_stops_at_the_calls(machine, settings):
    latency = measure_latency(machine.workload("a", 0.0, 0.01), machine.timer, replace(settings, latency_calls=40))
    assert latency.calls == 40
    assert latency.p50 == pytest.approx(0.01)


def test_stops_at_the_seconds(machine, settings):
    workload = machine.workload("a", 0.0, 0.25)
    assert measure_latency(workload, machine.timer, replace(settings, latency_seconds=5.0)).calls == 20


def test_a_slow_cell_is_still_called_often_enough(machine, settings):
    workload = machine.workload("a", 0.0, 60.0)
    assert measure_latency(workload, machine.timer, replace(settings, latency_seconds=5.0)).calls == MIN_CALLS


def test_warm_up_is_not_counted(machine, settings):
    machine.slowness = lambda now: 50.0 if now < 0.3 else 1.0
    few = replace(settings, latency_calls=10)  # so that one slow call would show
    assert measure_latency(machine.workload("a", 0.0, 0.01), machine.timer, few).p90 == pytest.approx(0.01)
