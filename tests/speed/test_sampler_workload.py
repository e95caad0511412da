"""A real sampler, timed as the workflow does it: from seeds to a row of speed.csv."""

import numpy as np
import pandas as pd
import pytest
from torch import nn

from fewstep.contract.conditions import DrawnLabels, KnownContent, SmallImages
from fewstep.contract.method import ImageShape
from fewstep.data import Split
from fewstep.plan.cells import GENERATE, Cell
from fewstep.results.tables import read_speed, write_speed
from fewstep.sampling.sampler import Sampler
from fewstep.speed import Settings, load_or_measure, sampler_workload

SHAPE = ImageShape(channels=1, height=8, width=8, classes=10)
POSITIONS = SHAPE.height * SHAPE.width
REAL = Split(np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), dtype=np.uint8), np.arange(20) % 10)
CELL = Cell("digits", GENERATE, "method", "variant", 1, 0, 0)


def steps(model, request):
    images = request.noise()
    for _ in range(request.nfe):
        images = model(images).tanh()
    return images


def sampler(nfe=1, make=steps, condition=None, task=GENERATE):
    cell, model = CELL._replace(nfe=nfe, task=task), nn.Conv2d(1, 1, 3, padding=1)
    return Sampler(cell, make, model, SHAPE, condition or DrawnLabels([1] * 10), {})


def test_every_call_makes_new_images():
    timed = sampler_workload(sampler(), "key")
    first, second = timed.generate(4), timed.generate(4)
    assert first.shape == (4, 8, 8, 1) and first.dtype == np.uint8
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("condition", [SmallImages.of_split(REAL, 4), KnownContent("strokes", REAL)])
def test_timing_goes_round_the_real_images_when_they_run_out(condition):
    made = []

    def make(model, request):
        made.extend(request.indices)
        return steps(model, request)

    timed = sampler_workload(sampler(make=make, condition=condition), "key")
    timed.generate(12), timed.generate(12)
    assert made == [*range(20), 0, 1, 2, 3]


def test_samples_and_edits_have_names_of_their_own():
    edits = sampler(condition=KnownContent("strokes", REAL), task="edit/strokes")
    names = [sampler_workload(each, "key").name for each in (sampler(), edits)]
    assert names == ["method/variant at NFE 1", "method/variant strokes at NFE 1"]


def test_rows_keep_the_promises_of_speed_csv(tmp_path):
    settings = Settings([1, 8], rounds=3, latency_calls=10, warmup_seconds=0.01, round_seconds=0.002)
    cells = [sampler_workload(sampler(nfe), f"nfe {nfe}") for nfe in (1, 3)]
    rows = load_or_measure(tmp_path, cells, settings, "cpu-1", tmp_path / "lock")
    names = {"dataset": "digits", "task": "generate", "method": "method", "variant": "variant"}
    where = [{**names, "nfe": nfe} for nfe in (1, 3)]
    write_speed(pd.DataFrame([{**w, **row} for w, row in zip(where, rows, strict=True)]), tmp_path / "speed.csv")

    table = read_speed(tmp_path / "speed.csv")
    assert table.measured_nfe.tolist() == table.network_calls.tolist() == [1, 3]
    assert table.flops_per_image.tolist() == [2 * 9 * POSITIONS, 3 * 2 * 9 * POSITIONS]
    assert table.parameters.tolist() == [10, 10]
    assert table.latency_p99_ms.isna().all()
