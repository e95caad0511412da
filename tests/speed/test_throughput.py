"""Throughput: order, batch sweep, statistics, and the ratio that a slow machine does not move."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.speed import throughput
from fewstep.speed.calibration import IMAGES, Calibration, drift
from fewstep.speed.rounds import Task, timed_rounds
from fewstep.speed.workload import Timer, Workload, call_seconds


@pytest.fixture
def calibration(machine):
    return Calibration(machine.timer, machine.calibrate)


def runs(log):
    """The log without repetitions in a row."""
    return [name for i, name in enumerate(log) if i == 0 or log[i - 1] != name]


def test_rounds_go_round_robin_with_a_calibration_at_both_sides(machine, calibration):
    tasks = [Task(machine.workload("a"), 4, 3), Task(machine.workload("b"), 1, 1)]
    machine.log.clear()
    rounds, calibrations = timed_rounds(tasks, 3, calibration, machine.timer)
    assert runs(machine.log) == ["calibration"] + ["a", "calibration", "b", "calibration"] * 3
    assert machine.log.count("a") == 9 and machine.log.count("b") == 3
    assert [len(own) for own in rounds] == [3, 3]
    assert calibrations == pytest.approx([machine.calibration_seconds] * 7)


def test_values_of_a_round(machine, calibration):
    [[own]], _ = timed_rounds([Task(machine.workload("a", 0.0, 0.01), 4, 2)], 1, calibration, machine.timer)
    assert own.images_per_second == pytest.approx(100.0)
    assert own.relative == pytest.approx(100.0 / (IMAGES / machine.calibration_seconds))


def test_every_cell_gets_its_own_best_batch(machine, settings, calibration):
    workloads = [machine.workload("flat", 0.0, 0.01), machine.workload("overhead", 0.1, 0.01)]
    flat, overhead = throughput.measure_throughput(workloads, settings, calibration, machine.timer)
    assert flat.batch == 1  # no gain from a batch: the smallest
    assert overhead.batch == 16
    assert overhead.images_per_second == pytest.approx(16 / 0.26)
    assert len(flat.rounds) == len(overhead.rounds) == settings.rounds
    assert list(overhead.sweep) == [1, 4, 16]


@pytest.mark.parametrize("gain, expected", [(1.029, 1), (1.032, 2)])
def test_best_batch_is_the_smallest_within_three_percent(gain, expected):
    assert throughput.best_batch({1: 1.0, 2: gain, 4: gain}) == expected


def test_sweep_stops_at_the_first_size_that_does_not_fit(machine, settings, calibration):
    workload = machine.workload("a", fits=10)
    sizes = replace(settings, batch_sizes=(64, 16, 4, 1))
    assert list(throughput.sweep_batches(workload, sizes, calibration, machine.timer)) == [1, 4]
    assert machine.log.count("a failed") == 1  # 64 is not tried


def test_cuda_and_numpy_out_of_memory_stop_the_sweep_as_well(machine, settings, calibration):
    for error in (torch.OutOfMemoryError("CUDA out of memory."), MemoryError()):
        usual = machine.workload("a")

        def generate(count, error=error, usual=usual):
            if count > 4:
                raise error
            return usual.generate(count)

        workload = Workload("a", "a", generate, usual.network)
        assert list(throughput.sweep_batches(workload, settings, calibration, machine.timer)) == [1, 4]


def test_another_error_is_not_taken_for_out_of_memory(machine, settings, calibration):
    def generate(count):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    workload = Workload("a", "a", generate, machine.workload("a").network)
    with pytest.raises(RuntimeError, match="shapes"):
        throughput.sweep_batches(workload, settings, calibration, machine.timer)


def test_nothing_fits_is_one_sentence(machine, settings, calibration):
    with pytest.raises(FewstepError, match="a: a batch of 1 does not fit into memory."):
        throughput.sweep_batches(machine.workload("a", fits=0), settings, calibration, machine.timer)


def test_an_expensive_sweep_goes_over_the_sizes_once(machine, settings, calibration):
    throughput.sweep_batches(machine.workload("a", 0.0, 1.0), settings, calibration, machine.timer)
    assert machine.log.count("a") == 2 * len(settings.batch_sizes)


def test_a_single_size_is_swept_once(machine, settings, calibration):
    one = replace(settings, batch_sizes=(4,))
    assert list(throughput.sweep_batches(machine.workload("a", 0.2, 0.0), one, calibration, machine.timer)) == [4]
    assert machine.log.count("a") == 2  # to size up the rounds, and one round


def test_relative_throughput_survives_a_slow_machine(machine, settings, calibration):
    """The machine turns four times slower halfway through the rounds: images/s move, the ratio does not."""
    task = [Task(machine.workload("a", 0.0, 0.01), 4, 1)]
    quiet, _ = timed_rounds(task, 20, calibration, machine.timer)
    half = machine.now + 10 * (0.04 + 3 * machine.calibration_seconds)
    machine.slowness = lambda now: 4.0 if now > half else 1.0
    slowed, calibrations = timed_rounds(task, 20, calibration, machine.timer)

    before = throughput.summarise(4, quiet[0], 0.0, {})
    after = throughput.summarise(4, slowed[0], drift(calibrations), {})
    assert after.images_per_second < 0.7 * before.images_per_second
    assert after.relative == pytest.approx(before.relative, rel=1e-6)
    assert after.drift > 2.0


def test_drift_ignores_one_disturbed_calibration():
    assert drift([1.0] * 5 + [9.0] + [1.0] * 5) == 0.0
    assert drift([1.0] * 4 + [1.2] * 4 + [1.0] * 4) == pytest.approx(0.2)


def test_quartiles_and_median():
    rounds = [throughput.Round(float(speed), 1.0) for speed in (1, 2, 3, 4, 100)]
    result = throughput.summarise(1, rounds, 0.0, {})
    assert (result.q25, result.images_per_second, result.q75) == (2.0, 3.0, 4.0)


def test_bootstrap_interval_covers_the_median():
    """Nominal 95 %; with ten rounds the percentile interval of a median is known to fall a little short."""
    generator = np.random.default_rng(7)
    truth, trials = 1.0, 300
    hits = 0
    for _ in range(trials):
        low, high = throughput.bootstrap_interval(generator.lognormal(np.log(truth), 0.2, 10))
        hits += low <= truth <= high
    assert 0.88 <= hits / trials <= 0.995


def test_bootstrap_interval_shrinks_with_rounds():
    generator = np.random.default_rng(3)
    few = throughput.bootstrap_interval(generator.normal(1.0, 0.1, 10))
    many = throughput.bootstrap_interval(generator.normal(1.0, 0.1, 1000))
    assert many[1] - many[0] < 0.3 * (few[1] - few[0])


@pytest.mark.parametrize("images", [np.zeros((3, 2, 2, 1), np.uint8), np.zeros((4, 2, 2, 1), np.float32)])
def test_a_cell_that_does_not_deliver_is_refused(machine, images):
    workload = Workload("edm/heun", "key", lambda count: images, machine.workload("a").network)
    with pytest.raises(FewstepError, match=r"edm/heun: generate\(4\) must deliver 4 uint8 images"):
        call_seconds(workload, 4, machine.timer)


def test_the_real_calibration_network_runs_and_is_fixed():
    from fewstep.speed.calibration import network_forward

    torch.manual_seed(5)
    state = torch.get_rng_state()
    first, second = network_forward("cpu")(), network_forward("cpu")()
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first, second) and first.dtype == torch.float32 and len(first) == IMAGES
    assert Calibration(Timer()).seconds() > 0
