"""A row of speed.csv: each number in the column and in the unit that the table promises."""

import pytest

from fewstep.speed.environment import Load
from fewstep.speed.latency import summarise as latency_of
from fewstep.speed.measure import Measurement
from fewstep.speed.resources import Resources
from fewstep.speed.rounds import Round
from fewstep.speed.row import speed_row
from fewstep.speed.throughput import summarise as throughput_of

RATES = [10.0, 20.0, 30.0, 40.0, 50.0]


@pytest.fixture
def measurement():
    throughput = throughput_of(4, [Round(rate, rate / 100) for rate in RATES], 0.0, {4: 0.3})
    latency = latency_of([k / 1000 for k in range(1, 102)])  # 1 to 101 ms
    resources = Resources(7, 2, 3, 1000, {"base": 400, "top": 600}, 5.5)
    return Measurement(throughput, latency, resources, 0.25, Load(1.5, 0.5), "ok")


def test_quartiles_of_the_rounds_are_three_numbers(measurement):
    throughput = measurement.throughput
    assert (throughput.q25, throughput.images_per_second, throughput.q75) == pytest.approx((20, 30, 40))
    assert throughput.relative == pytest.approx(0.3)
    assert 0.1 <= throughput.relative_low < 0.3 < throughput.relative_high <= 0.5


def test_every_column_holds_its_own_number(measurement, settings):
    row, throughput = speed_row(measurement, settings, "cpu-1"), measurement.throughput
    expected = {
        "device": "cpu", "dtype": "float32", "batch": 4, "hardware": "cpu-1", "quality": "ok", "load1": 1.5,
        "images_per_second": 30, "images_per_second_q25": 20, "images_per_second_q75": 40,
        "relative_throughput": 0.3, "relative_low": throughput.relative_low, "relative_high": throughput.relative_high,
        "latency_p50_ms": 51, "latency_p90_ms": 91, "latency_p99_ms": 100, "latency_calls": 101,
        "measured_nfe": 3, "network_calls": 2, "parameters": 7, "flops_per_image": 1000,
        "stage_flops": "base=400;top=600", "peak_memory_mib": 5.5, "compile_seconds": 0.25,
    }  # fmt: skip
    assert row == {k: pytest.approx(v) if isinstance(v, int | float) else v for k, v in expected.items()}
