"""A real sampler, timed as the workflow does it: from seeds to a row of speed.csv."""

import numpy as np
import pandas as pd
from torch import nn

from fewstep import sampling
from fewstep.contract import ImageShape
from fewstep.results import read_speed, write_speed
from fewstep.timing import Settings, load_or_measure, sampler_cell

SHAPE = ImageShape(channels=1, height=8, width=8, classes=10)
POSITIONS = SHAPE.height * SHAPE.width


def steps(model, request):
    images = request.noise()
    for _ in range(request.nfe):
        images = model(images).tanh()
    return images


def cell_for(nfe):
    model = nn.Conv2d(1, 1, 3, padding=1)
    cell = sampling.Cell("method", "variant", nfe, 0, {})
    return sampler_cell(steps, model, cell, SHAPE, key=f"nfe {nfe}")


def test_every_call_makes_new_images():
    cell = cell_for(1)
    first, second = cell.generate(4), cell.generate(4)
    assert first.shape == (4, 8, 8, 1) and first.dtype == np.uint8
    assert not np.array_equal(first, second)


def test_rows_keep_the_promises_of_speed_csv(tmp_path):
    settings = Settings([1, 8], rounds=3, latency_calls=10, warmup_seconds=0.01, round_seconds=0.002)
    rows = load_or_measure(tmp_path, [cell_for(1), cell_for(3)], settings, "cpu-1", tmp_path / "lock")
    where = [
        {"dataset": "digits", "task": "generate", "method": "method", "variant": "variant", "nfe": nfe}
        for nfe in (1, 3)
    ]
    write_speed(pd.DataFrame([{**w, **row} for w, row in zip(where, rows, strict=True)]), tmp_path / "speed.csv")

    table = read_speed(tmp_path / "speed.csv")
    assert table.measured_nfe.tolist() == table.network_calls.tolist() == [1, 3]
    assert table.flops_per_image.tolist() == [2 * 9 * POSITIONS, 3 * 2 * 9 * POSITIONS]
    assert table.parameters.tolist() == [10, 10]
    assert table.latency_p99_ms.isna().all()
