"""Timings are kept by what they depend on."""

from dataclasses import replace

import pytest

from fewstep.speed.cache import load_or_measure
from fewstep.speed.environment import Load
from fewstep.speed.measure import measure


@pytest.fixture
def stored(machine, settings, tmp_path):
    """load_or_measure on the fake machine, with the names of the workloads that were really measured."""
    calls = []

    def fake_measure(workloads, settings):
        calls.append([workload.key for workload in workloads])
        return measure(workloads, settings, machine.clock, machine.calibrate, lambda: Load(0.0, 0.0))

    def run(names, settings=settings, hardware="cpu-1"):
        calls.clear()
        workloads = [machine.workload(name) for name in names]
        rows = load_or_measure(tmp_path / "cells", workloads, settings, hardware, tmp_path / "lock", fake_measure)
        return rows, [name for call in calls for name in call]

    return run


def test_only_new_cells_are_measured(stored):
    first, timed = stored(["edm 5", "edm 9"])
    assert timed == ["edm 5", "edm 9"]
    again, timed = stored(["edm 5", "edm 17", "edm 9"])
    assert timed == ["edm 17"]
    assert [again[0], again[2]] == first


def test_nothing_new_measures_nothing(stored):
    first, _ = stored(["a"])
    assert stored(["a"]) == (first, [])


def test_other_settings_or_hardware_are_other_timings(stored, settings):
    stored(["a"])
    assert stored(["a"], replace(settings, rounds=11))[1] == ["a"]
    assert stored(["a"], hardware="cpu-2")[1] == ["a"]
    assert stored(["a"])[1] == []


def test_a_broken_file_is_measured_again(stored, tmp_path):
    stored(["a"])
    [file] = (tmp_path / "cells").iterdir()
    file.write_text('{"row":')
    assert stored(["a"])[1] == ["a"]
    assert stored(["a"])[1] == []
