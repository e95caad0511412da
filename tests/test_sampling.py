"""Sample i depends on (weights, seed, i, label, NFE) alone; shards survive a kill; counts are measured."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fewstep import noise
from fewstep.errors import FewstepError
from fewstep.features import read_images
from fewstep.sampling import class_counts, sample_cell, sample_images
from fewstep.shards import read_shard

COUNT = 24


def pixels(sample, model, cell, shape, batch, indices=range(COUNT)):
    return sample_images(sample, model, cell, shape, list(indices), batch)[0]


def assert_level_1(a, b):
    """L1: at most one grey level on fewer than 1e-4 of the pixels."""
    difference = np.abs(a.astype(int) - b.astype(int))
    assert difference.max() <= 1 and (difference > 0).mean() < 1e-4


def test_level_0_same_batch_size_gives_the_same_bits(sample, model, make_cell, shape):
    first, again = (pixels(sample, model, make_cell(), shape, 8) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.std() > 10 and not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("batch", [1, 3, 7, 24])
def test_level_1_any_batch_size(sample, model, make_cell, shape, batch):
    assert_level_1(pixels(sample, model, make_cell(), shape, 8), pixels(sample, model, make_cell(), shape, batch))


def test_level_1_any_order_and_any_part(sample, model, make_cell, shape):
    whole = pixels(sample, model, make_cell(), shape, 8)
    part = pixels(sample, model, make_cell(), shape, 5, indices=[21, 3, 17])
    assert_level_1(part, whole[[21, 3, 17]])


@pytest.mark.parametrize("threads", [1, 2])
def test_level_1_any_number_of_threads(sample, model, make_cell, shape, threads):
    before = torch.get_num_threads()
    reference = pixels(sample, model, make_cell(), shape, 8)
    try:
        torch.set_num_threads(threads)
        assert_level_1(pixels(sample, model, make_cell(), shape, 8), reference)
    finally:
        torch.set_num_threads(before)


def test_seed_nfe_and_label_stream_change_the_sample(sample, model, make_cell, shape):
    base = pixels(sample, model, make_cell(), shape, 8)
    assert not np.array_equal(base, pixels(sample, model, make_cell(seed=1), shape, 8))
    assert not np.array_equal(base, pixels(sample, model, make_cell(nfe=2), shape, 8))


def test_given_labels_are_used_by_index_in_any_batch_and_are_part_of_the_key(sample, model, make_cell, shape, tmp_path):
    drawn = make_cell()
    own = noise.labels(drawn.seed, range(COUNT), [1] * shape.classes).numpy()
    same = replace(drawn, labels=own)
    assert np.array_equal(pixels(sample, model, same, shape, 8), pixels(sample, model, drawn, shape, 8))
    other = replace(drawn, labels=(own + 1) % 10)
    assert not np.array_equal(pixels(sample, model, other, shape, 8), pixels(sample, model, drawn, shape, 8))
    assert_level_1(pixels(sample, model, other, shape, 5, [7, 3]), pixels(sample, model, other, shape, 8)[[7, 3]])
    entry = run_cell(sample, model, other, shape, tmp_path)
    written = [read_shard(tmp_path / shard["path"])[1] for shard in entry["shards"]]
    assert np.array_equal(np.concatenate(written), other.labels)
    assert len({cell.key("weights", "code", shape) for cell in (drawn, same, other)}) == 3


def test_labels_are_drawn_in_the_shares_of_the_reference_or_uniformly(sample, model, make_cell, shape):
    card = {"classes": 10, "class_counts": {"train": [90] + [0] * 8 + [10], "test": [1] * 10}}
    counts = {
        rule: class_counts(card, *rule) for rule in (("reference", "train"), ("reference", "test"), ("uniform", None))
    }
    assert class_counts({"classes": None, "class_counts": None}, "reference", "train") is None
    cells = {rule: replace(make_cell(), class_counts=drawn) for rule, drawn in counts.items()}
    labels = {rule: sample_images(sample, model, cell, shape, list(range(50)), 50)[1] for rule, cell in cells.items()}
    rare = labels["reference", "train"]
    assert set(rare.tolist()) == {0, 9} and (rare == 0).mean() > 0.7
    plain = noise.labels(0, range(50), [1] * 10).numpy()
    assert np.array_equal(labels["uniform", None], plain) and np.array_equal(labels["reference", "test"], plain)


def test_the_shares_of_drawn_labels_are_part_of_the_key(make_cell, shape):
    keys = [
        replace(make_cell(), class_counts=counts).key("weights", "code", shape)
        for counts in (None, [5] * 10, [1] * 10, [5] * 9 + [6])
    ]
    assert keys[0] == keys[1] == keys[2] != keys[3]  # equal shares are equal, whatever the counts


def run_cell(sample, model, cell, shape, folder, count=COUNT, size=8, key="key"):
    return sample_cell(sample, model, cell, shape, folder, key, count, shard_size=size, batch=8)


@pytest.mark.parametrize("size", [5, 8, 24])
def test_level_1_any_shard_size(sample, model, make_cell, shape, tmp_path, size):
    entry = run_cell(sample, model, make_cell(), shape, tmp_path, size=size)
    assert_level_1(read_images(tmp_path, entry), pixels(sample, model, make_cell(), shape, 8))
    assert entry["measured_nfe"] == 3 and entry["stage_nfe"] == {"model": 3.0}


def stamps(folder: Path) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*.npz")}


def test_from_n_to_2n_keeps_the_first_n(sample, model, make_cell, shape, tmp_path):
    run_cell(sample, model, make_cell(), shape, tmp_path, count=16)
    before = stamps(tmp_path)
    entry = run_cell(sample, model, make_cell(), shape, tmp_path, count=32)
    after = stamps(tmp_path)
    assert len(before) == 2 and len(after) == 4 and before.items() <= after.items()
    assert sum(s["count"] for s in entry["shards"]) == 32


def test_a_damaged_or_foreign_shard_is_made_again(sample, model, make_cell, shape, tmp_path):
    entry = run_cell(sample, model, make_cell(), shape, tmp_path)
    first = read_images(tmp_path, entry)
    path = tmp_path / entry["shards"][1]["path"]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(FewstepError, match="cannot be read"):
        read_images(tmp_path, entry)
    assert np.array_equal(read_images(tmp_path, run_cell(sample, model, make_cell(), shape, tmp_path)), first)
    before = stamps(tmp_path)
    run_cell(sample, model, make_cell(), shape, tmp_path, key="another")
    assert not (before.items() & stamps(tmp_path).items())


def test_nan_weights_stop_the_job_and_leave_no_shard(sample, model, make_cell, shape, tmp_path):
    model.net.head.bias.fill_(float("nan"))
    with pytest.raises(FewstepError, match="samples 0, 1, 2.* hold NaN"):
        run_cell(sample, model, make_cell(), shape, tmp_path)
    assert not list(tmp_path.rglob("*.npz"))


def test_a_wrong_declaration_of_nfe_is_an_error(model, make_cell, shape):
    def cheat(net, request):
        net(request.noise(), torch.full((len(request.indices),), 80.0), request.labels)
        return net(request.noise(), torch.full((len(request.indices),), 80.0), request.labels)

    with pytest.raises(FewstepError, match="declared with NFE 1, but 2 evaluations"):
        sample_images(cheat, model, make_cell(nfe=1), shape, [0, 1, 2], batch=2)


SLOW_JOB = """
import time
from pathlib import Path
from tiny import TIMES, tiny_model
from fewstep.contract import ImageShape
from fewstep.diffusion.consistency import sample_consistency
from fewstep.sampling import Cell, sample_cell
def slowly(model, request):
    time.sleep(0.15)
    return sample_consistency(model, request)
cell = Cell("tiny", "multistep", 2, 0, {{"times": TIMES}})
sample_cell(slowly, tiny_model(), cell, ImageShape(1, 8, 8, 10), Path({folder!r}), "key", 64, shard_size=8, batch=8)
"""


def test_kill_9_in_the_middle_loses_no_finished_shard_and_changes_no_pixel(tmp_path):
    code = SLOW_JOB.format(folder=str(tmp_path))
    root = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "tests"), str(root / "workflow")])}

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
