"""Observers guess where nothing is to be found, find what is there, and are never asked about what they learnt from."""

from dataclasses import replace

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import load_source, prepare, read_card
from fewstep.images.pixels import from_uint8, to_uint8
from fewstep.images.resampling import downsample, upsample
from fewstep.scoring.judges.controls import halves
from fewstep.scoring.judges.items import items_of
from fewstep.scoring.judges.judged_rows import fool_rows
from fewstep.scoring.judges.observers import Rules, beside, coarse, observe, observe_all, parted
from fewstep.scoring.judges.stored_answers import Setting
from fewstep.scoring.metrics.forced_choice import paired, unpaired

RULES = Rules(train_count=300, epochs=6, bits=8)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """All 1,797 digits in one array."""
    splits = load_source({"source": "digits", "path": None, "download": False})
    return np.concatenate([splits["train"].images, splits["test"].images])


def test_an_obvious_fake_fools_nobody(digits):
    noise = np.random.default_rng(0).integers(0, 256, digits.shape, np.uint8)
    assert unpaired(*observe(digits, noise, RULES, 0)).value < 0.05


def test_coarse_images_keep_their_first_bits():
    levels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(coarse(levels, 8), levels)
    five = coarse(levels, 5)
    assert len(np.unique(five)) == 33 and np.abs(five.astype(int) - levels).max() <= 4
    assert (five[:4] == 0).all() and five[-1] == 255


def test_what_is_rounded_away_gives_nobody_away(digits):
    """The same images, with a black that is a little too bright."""
    found, unseen = (
        unpaired(*observe(digits, np.maximum(digits, 24), replace(RULES, bits=bits), 0)).value for bits in (8, 2)
    )
    assert unseen == pytest.approx(0.5) and found < 0.1


def test_no_image_is_both_learnt_from_and_asked_about():
    learnt, asked = parted(np.arange(50), 20)
    assert len(learnt) == 20 and sorted([*learnt, *asked]) == list(range(50))
    again, _ = parted(np.arange(50) + 100, 20)
    assert np.array_equal(again - 100, learnt), "sides of the same length are parted item by item"
    with pytest.raises(FewstepError, match="fool_rate.train_count: 50 of 50 images leave none"):
        parted(np.arange(50), 50)


def test_the_generalist_sees_equally_many_of_each_and_ranks_them(digits):
    rng = np.random.default_rng(0)
    blurred = np.stack([np.roll(digits, shift, axis=2).astype(float) for shift in (-1, 0, 1)]).mean(0).astype(np.uint8)
    noise = rng.integers(0, 256, digits.shape, np.uint8)
    good, blur, bad = observe_all(digits[:900], [digits[900:], blurred, noise], RULES, 0)
    rates = [unpaired(*scores).value for scores in (good, blur, bad)]
    assert rates[0] > 0.35 > rates[1] and rates[2] < 0.05
    assert np.array_equal(good.real, bad.real)


def test_an_image_beside_the_candidates_tells_what_they_alone_do_not(digits):
    """A model that answers with another real digit is perfect without the input beside it, and poor with it."""
    real, other = halves(digits, 0)
    rules = replace(RULES, train_count=450, epochs=12)
    without = paired(*observe(real, other, rules, 0))
    # An input that says all: the observer has to learn that the right answer equals it.
    shown = paired(*observe(beside(real, real), beside(real, other), rules, 0))
    assert abs(without.value - 0.5) < 0.1 and shown.value < 0.2


def test_a_perfect_model_ties_with_the_truth_item_by_item(digits):
    assert paired(*observe(digits, digits, RULES, 0)).value == 0.5


def test_real_images_are_those_that_samples_belong_to(digits, tmp_path):
    spec = {"source": "digits", "path": None, "download": False}
    prepare(spec, tmp_path / "plain")
    plain = items_of(read_card(tmp_path / "plain/card.json"), tmp_path / "plain/test.npz", 50)
    assert len(plain.real) == 360 and plain.inputs is None
    prepare({**spec, "low_resolution": 4}, tmp_path / "small")
    small = items_of(read_card(tmp_path / "small/card.json"), tmp_path / "small/test.npz", 50)
    assert small.shown.shape == small.real.shape == (50, 8, 8, 1)
    assert np.array_equal(small.shown, to_uint8(upsample(downsample(from_uint8(small.real), 4), 8)))


def test_rows_tell_specialists_and_generalists_apart():
    real, fake = np.zeros((3, 40)), np.ones((3, 60))
    cell = Setting("sampler", "one", 1)
    said = {cell: {"real": real, "fake": fake, "generalist_real": fake[:, :40], "generalist_fake": np.zeros((3, 60))}}
    rows = {row["metric"]: row for row in fool_rows(said)}
    assert set(rows) == {"fool_rate", "fool_rate_generalist"}
    assert rows["fool_rate"]["value"] == 1 and rows["fool_rate_generalist"]["value"] == 0
    assert rows["fool_rate"]["n_samples"] == 60 and rows["fool_rate"]["fits"] == 3


def test_rows_of_pairs_compare_item_with_item():
    real = np.arange(40.0)[None]
    said = {Setting("sampler", "one", 1): {"paired_real": real, "paired_fake": real + 0.5, "input_shown_real": real,
                                          "input_shown_fake": real}}  # fmt: skip
    rows = {row["metric"]: row["value"] for row in fool_rows(said)}
    assert rows == {"fool_rate_paired": 1, "fool_rate_input_shown": 0.5}
