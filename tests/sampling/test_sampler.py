"""Sample i depends on (weights, seed, i, condition, NFE) alone; shards survive a kill; counts are measured."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.base.folders import ROOT
from fewstep.contract.conditions import DrawnLabels, GivenLabels, KnownContent, SmallImages
from fewstep.contract.method import ImageShape
from fewstep.data import Split
from fewstep.images.resampling import upsample
from fewstep.plan.cells import ENLARGE, Cell
from fewstep.sampling.sampler import Sampler, maker, sample_cell
from fewstep.sampling.shards import Shards, read_shard

COUNT = 24


def pixels(sampler, batch, indices=range(COUNT)):
    return sampler.images(list(indices), batch).images


def assert_level_1(a, b):
    """L1: at most one grey level on fewer than 1e-4 of the pixels."""
    difference = np.abs(a.astype(int) - b.astype(int))
    assert difference.max() <= 1 and (difference > 0).mean() < 1e-4


def run(sampler, folder, count=COUNT, size=8, key="key", start=0):
    return sample_cell(sampler, folder, key, start, count, size, batch=8)


def images_of(folder, entry):
    cell = Cell(*(entry[name] for name in Cell._fields))
    return Shards(cell, folder, entry, tuple(entry["shards"])).first(entry["count"])


def stamps(folder: Path) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*.npz")}


def test_level_0_same_batch_size_gives_the_same_bits(make_sampler):
    first, again = (pixels(make_sampler(), 8) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.std() > 10 and not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("batch", [1, 3, 7, 24])
def test_level_1_any_batch_size(make_sampler, batch):
    assert_level_1(pixels(make_sampler(), 8), pixels(make_sampler(), batch))


def test_level_1_any_order_and_any_part(make_sampler):
    whole = pixels(make_sampler(), 8)
    assert_level_1(pixels(make_sampler(), 5, [21, 3, 17]), whole[[21, 3, 17]])


@pytest.mark.parametrize("threads", [1, 2])
def test_level_1_any_number_of_threads(make_sampler, threads):
    before = torch.get_num_threads()
    reference = pixels(make_sampler(), 8)
    try:
        torch.set_num_threads(threads)
        assert_level_1(pixels(make_sampler(), 8), reference)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("size", [5, 8, 24])
def test_level_1_any_shard_size(make_sampler, tmp_path, size):
    entry = run(make_sampler(), tmp_path, size=size)
    assert_level_1(images_of(tmp_path, entry), pixels(make_sampler(), 8))
    assert entry["measured_nfe"] == 3 and entry["stage_nfe"] == {"model": 3.0}


def test_seed_nfe_settings_and_labels_change_the_sample(make_sampler):
    base = pixels(make_sampler(), 8)
    others = [
        make_sampler(seed=1), make_sampler(nfe=2), make_sampler(settings={"times": {3: [9.0, 0.8]}}),
        make_sampler(condition=GivenLabels(torch.zeros(COUNT, dtype=torch.int64))),
    ]  # fmt: skip
    assert all(not np.array_equal(base, pixels(other, 8)) for other in others)


def test_labels_are_those_of_the_condition_in_any_batch_and_on_disk(make_sampler, tmp_path):
    drawn = make_sampler()
    own = torch.from_numpy(drawn.images(range(COUNT), 8).labels)
    same = replace(drawn, condition=GivenLabels(own))
    assert np.array_equal(pixels(same, 8), pixels(drawn, 8))
    other = replace(drawn, condition=GivenLabels((own + 1) % 10))
    assert not np.array_equal(pixels(other, 8), pixels(drawn, 8))
    assert_level_1(pixels(other, 5, [7, 3]), pixels(other, 8)[[7, 3]])
    entry = run(other, tmp_path)
    written = [read_shard(tmp_path / shard["path"])[1] for shard in entry["shards"]]
    assert np.array_equal(np.concatenate(written), other.condition.labels.numpy())


class Enlarge(torch.nn.Module):
    """A model without weights."""

    def forward(self, small):
        return upsample(small, 8)


@pytest.mark.parametrize(("shard", "batch"), [(20, 20), (7, 3)])
def test_samples_are_paired_in_every_batch_and_shard_also_by_a_model_without_weights(tmp_path, shard, batch):
    rng = np.random.default_rng(0)
    small = SmallImages.of_split(Split(rng.integers(0, 256, (20, 8, 8, 1), np.uint8), rng.integers(0, 10, 20)), 4)
    cell = Cell("toys", ENLARGE, "method", "variant", 1, 0, 0)
    sampler = Sampler(cell, lambda model, request: model(request.low_resolution), Enlarge(), ImageShape(1, 8, 8, 10),
                      small, {})  # fmt: skip
    entry = sample_cell(sampler, tmp_path, "key", 0, 20, shard, batch)
    expected = (upsample(small.images, 8) * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
    assert np.array_equal(images_of(tmp_path, entry), expected.numpy())
    assert entry["truth"] == small.truth


def test_from_n_to_2n_keeps_the_first_n(make_sampler, tmp_path):
    run(make_sampler(), tmp_path, count=16)
    before = stamps(tmp_path)
    entry = run(make_sampler(), tmp_path, count=32)
    after = stamps(tmp_path)
    assert len(before) == 2 and len(after) == 4 and before.items() <= after.items()
    assert sum(s["count"] for s in entry["shards"]) == 32


def test_parts_make_the_shards_of_the_whole(make_sampler, tmp_path):
    """With other jobs than before, no image is made again."""
    whole = run(make_sampler(), tmp_path)
    before = stamps(tmp_path)
    parts = [run(make_sampler(), tmp_path, start=start, count=count) for start, count in ((0, 8), (8, 16))]
    assert [shard for part in parts for shard in part["shards"]] == whole["shards"]
    assert stamps(tmp_path) == before and [part["start"] for part in parts] == [0, 8]
    apart = run(make_sampler(), tmp_path / "apart", start=8, count=16)
    assert_level_1(images_of(tmp_path / "apart", apart), images_of(tmp_path, whole)[8:])


def test_a_damaged_or_foreign_shard_is_made_again(make_sampler, tmp_path):
    entry = run(make_sampler(), tmp_path)
    first = images_of(tmp_path, entry)
    path = tmp_path / entry["shards"][1]["path"]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(FewstepError, match="cannot be read"):
        images_of(tmp_path, entry)
    assert np.array_equal(images_of(tmp_path, run(make_sampler(), tmp_path)), first)
    before = stamps(tmp_path)
    run(make_sampler(), tmp_path, key="another")
    assert not (before.items() & stamps(tmp_path).items())


def test_seconds_are_those_of_making_and_absent_where_nothing_was_made(make_sampler, tmp_path):
    assert run(make_sampler(), tmp_path)["seconds"] >= 0
    assert run(make_sampler(), tmp_path)["seconds"] is None


def test_nan_weights_stop_the_job_and_leave_no_shard(model, make_sampler, tmp_path):
    model.net.head.bias.fill_(float("nan"))
    with pytest.raises(FewstepError, match="samples 0, 1, 2.* hold NaN"):
        run(make_sampler(), tmp_path)
    assert not list(tmp_path.rglob("*.npz"))


def test_a_wrong_declaration_of_nfe_is_an_error(make_sampler):
    def cheat(net, request):
        net(request.noise(), torch.full((len(request.indices),), 80.0), request.labels)
        return net(request.noise(), torch.full((len(request.indices),), 80.0), request.labels)

    with pytest.raises(FewstepError, match="declared with NFE 1, but 2 evaluations"):
        pixels(make_sampler(nfe=1, make=cheat), 2, [0, 1, 2])


def test_a_cell_is_made_by_the_function_of_its_task():
    method = SimpleNamespace(sample=lambda *given: ("sample", *given), edit=lambda *given: ("edit", *given))
    cell, request = Cell("toys", "generate", "method", "variant", 1, 0, 0), SimpleNamespace(edit="a task")
    assert maker(method, cell)("model", request) == ("sample", "model", request)
    assert maker(method, cell._replace(task="edit/strokes"))("model", request) == ("edit", "model", request, "a task")


def test_everything_that_the_pixels_depend_on_is_in_the_key(make_sampler):
    own, split = make_sampler(), Split(np.zeros((4, 8, 8, 1), np.uint8), np.arange(4))
    edited = own.cell._replace(task="edit/strokes")
    changes = [
        {}, {"settings": {}}, {"shape": ImageShape(1, 8, 9, 10)}, {"shape": ImageShape(1, 8, 8, 9)},
        *({"cell": own.cell._replace(**one)} for one in
          ({"method": "a"}, {"variant": "a"}, {"nfe": 2}, {"seed": 1}, {"task": "edit/strokes"})),
        *({"condition": condition} for condition in (
            DrawnLabels([5] * 9 + [6]), DrawnLabels(None), GivenLabels(torch.arange(4)), SmallImages.of_split(split, 4),
        )),
        *({"cell": edited, "condition": KnownContent(name, split)} for name in ("strokes", "denoising")),
    ]  # fmt: skip
    keys = [replace(own, **change).key("weights", "code") for change in changes]
    keys += [own.key("other", "code"), own.key("weights", "other")]
    assert len(set(keys)) == len(keys)
    assert make_sampler().key("weights", "code") == keys[0]


SLOW_JOB = """
import time
from pathlib import Path
from tiny import TIMES, tiny_model
from fewstep.contract.conditions import DrawnLabels
from fewstep.contract.method import ImageShape
from fewstep.diffusion.consistency import sample_consistency
from fewstep.plan.cells import Cell
from fewstep.sampling.sampler import Sampler, sample_cell
def slowly(model, request):
    time.sleep(0.15)
    return sample_consistency(model, request)
cell = Cell("toys", "generate", "tiny", "multistep", 2, 0, 0)
shape = ImageShape(1, 8, 8, 10)
sampler = Sampler(cell, slowly, tiny_model(), shape, DrawnLabels([1] * 10), {{"times": TIMES}})
sample_cell(sampler, Path({folder!r}), "key", 0, 64, shard_size=8, batch=8)
"""


def test_kill_9_in_the_middle_loses_no_finished_shard_and_changes_no_pixel(tmp_path):
    code = SLOW_JOB.format(folder=str(tmp_path))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT / "workflow")])}

    def start():
        return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL, env=environment)

    child = start()
    deadline = time.monotonic() + 120
    while len(stamps(tmp_path)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    kept = stamps(tmp_path)
    assert 3 <= len(kept) < 8, "the child was to be killed in the middle"
    assert start().wait() == 0
    done = stamps(tmp_path)
    assert len(done) == 8 and kept.items() <= done.items()
    resumed = np.concatenate([read_shard(Path(p))[0] for p in sorted(done)])
    for path in done:
        Path(path).unlink()
    assert start().wait() == 0
    uninterrupted = np.concatenate([read_shard(Path(p))[0] for p in sorted(stamps(tmp_path))])
    assert np.array_equal(resumed, uninterrupted)
