"""Whatever a hook returns is what was asked for, or one sentence; images elsewhere than in [-1, 1] are noticed."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.contract.conditions import DrawnLabels, KnownContent
from fewstep.contract.hook_results import _say_once, check_images, say_if_never_dark
from fewstep.contract.method import ImageShape
from fewstep.data import Split
from fewstep.plan.cards import Network
from fewstep.plan.cells import GENERATE, Cell
from fewstep.sampling.sampler import Sampler, maker, sample_cell
from fewstep.speed import sampler_workload
from fewstep.training import snapshots

SHAPE = ImageShape(1, 8, 8)
CELL = Cell("toys", GENERATE, "m", "v", 1, 0, 0)
IMAGES = torch.linspace(-1, 1, 20 * 64).reshape(20, 1, 8, 8)
WRONG = {
    "smaller": (lambda x: x[:, :, :6, :6], "[20, 1, 6, 6]"),
    "more channels": (lambda x: x.expand(-1, 3, -1, -1), "[20, 3, 8, 8]"),
    "channels last": (lambda x: x.permute(0, 2, 3, 1), "[20, 8, 8, 1]"),
    "the last one dropped": (lambda x: x[:-1], "[19, 1, 8, 8]"),
    "every image twice": (lambda x: torch.cat([x, x]), "[40, 1, 8, 8]"),
    "an array": (lambda x: x.numpy(), "ndarray"),
    "a pair": (lambda x: (x, x), "tuple"),
}


@pytest.fixture(autouse=True)
def forget():
    """What was said in another test is said again."""
    _say_once.cache_clear()


class Net(torch.nn.Module):
    def forward(self, x):
        return x


def change(how):
    """A hook `sample` or `edit` whose images are changed."""
    return lambda model, request, *task: how(model(request.noise().tanh()))


def sampler(hook):
    return Sampler(CELL, hook, Net(), SHAPE, DrawnLabels(None), {})


def run(hook, tmp_path):
    return sample_cell(sampler(hook), tmp_path, "key", 0, 40, 20, 20)


def edit(hook, tmp_path):
    cell, real = CELL._replace(task="edit/strokes"), Split(np.zeros((20, 8, 8, 1), np.uint8))
    make = maker(SimpleNamespace(edit=hook), cell)
    editor = Sampler(cell, make, Net(), SHAPE, KnownContent("strokes", real), {})
    return sample_cell(editor, tmp_path, "key", 0, 20, 20, 20)


def time_it(hook, tmp_path):
    return sampler_workload(sampler(hook), "key").generate(20)


def shown(hook, tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "method.yaml").write_text(
        "{title: A, paper: B, year: 2024, family: gan, weights: [train], variants: {v: {label: A, nfe: [1]}},"
        " datasets: {toys: {recipes: {default: {}}}}}",
        encoding="utf-8",
    )
    return snapshots.sampler(hook, Network("toys", "m", "default"), SHAPE, torch.device("cpu"), methods=tmp_path)(Net())


@pytest.mark.parametrize("take", [run, edit, time_it, shown], ids=["sample", "edit", "timing", "snapshots"])
@pytest.mark.parametrize("wrong", WRONG)
def test_another_number_or_shape_than_was_asked_for_is_refused_wherever_it_comes_in(take, wrong, tmp_path):
    how, came = WRONG[wrong]
    count = 10 if take is shown else 20
    came = came.replace("20", "10").replace("19", "9").replace("40", "20") if take is shown else came
    asked = f"[{count}, 1, 8, 8]"
    with pytest.raises(FewstepError, match=rf"^m/v.* gave {re.escape(came)} for .*{re.escape(asked)}\.$"):
        take(change(how), tmp_path)
    assert not list(tmp_path.rglob("*.npz"))


@pytest.mark.parametrize("take", [run, edit, time_it], ids=["sample", "edit", "timing"])
def test_grey_levels_are_refused(take, tmp_path):
    with pytest.raises(FewstepError, match=r"^m/v.* gave values from .* to .*, which look like grey levels; images"):
        take(change(lambda x: x * 127.5 + 127.5), tmp_path)
    with pytest.raises(FewstepError, match=r"^m/v.* gave uint8; images are floating-point numbers in \[-1, 1\]\.$"):
        take(change(lambda x: (x * 127.5 + 127.5).byte()), tmp_path)


@pytest.mark.parametrize("dark", [0.5, 0.8, 0.9])
def test_grey_levels_are_known_also_where_most_pixels_are_black(dark):
    images = (IMAGES * 127.5 + 127.5) * (2 * dark - 1 < IMAGES)
    with pytest.raises(FewstepError, match="look like grey levels"):
        check_images(images, images.shape, "m/v")


def test_samples_of_networks_that_know_nothing_are_not_refused(capsys):
    check_images(1e6 * IMAGES, IMAGES.shape, "m/v")  # diverged, on both sides
    assert "m/v: most values lie outside of [-1.5, 1.5]" in capsys.readouterr().out
    check_images(1.4 * IMAGES, IMAGES.shape, "m/v")
    wild = IMAGES.clone()
    wild[0, 0, 0, :3] = 300.0
    check_images(wild, wild.shape, "m/v")
    check_images(torch.full((20, 1, 8, 8), torch.inf), IMAGES.shape, "m/v")  # left to the rounding, which names them
    assert not capsys.readouterr().out


def test_images_from_0_to_1_are_told_once_and_kept_since_bright_images_exist(tmp_path, capsys):
    entry = run(change(lambda x: (x + 1) / 2), tmp_path)
    assert entry["count"] == 40
    said = "m/v NFE 1 seed 0: no value of 20 images is below 0; are they in [0, 1] instead of [-1, 1]?\n"
    assert capsys.readouterr().out == said
    edit(change(lambda x: (x + 1) / 2), tmp_path)
    assert "m/v strokes NFE 1 seed 0: no value of 20 images is below 0" in capsys.readouterr().out
    run(change(lambda x: x), tmp_path / "right")
    say_if_never_dark(np.full((1, 1, 1, 1), 127, np.uint8), "m/v")
    assert not capsys.readouterr().out
