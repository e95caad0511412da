"""Who meets whom: pairs, classes, no image twice; and what the page may know of it."""

import base64
import io
import json
import re

import numpy as np
import pytest
import torch
from PIL import Image
from raters import SETTINGS, arms, low_resolution, make_study, real_images

from fewstep.base.errors import FewstepError
from fewstep.study.design import Arm, design, scrambled
from fewstep.study.kinds import CATCH, PRACTICE, TRIAL
from fewstep.study.png import uncompressed
from fewstep.study.rater_page import render, trials_per_rater


def decoded(data: str) -> np.ndarray:
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    return image if image.ndim == 3 else image[..., None]


def shown(task: dict) -> list[dict]:
    return [trial for group in task["groups"] for couple in group["couples"] for trial in couple]


def test_without_a_low_resolution_there_is_the_second_task_alone():
    real = real_images()
    trials = design(real, arms(real), SETTINGS)
    assert {trial.task for trial in trials} == {2} and {trial.low is None for trial in trials} == {True}
    counts = {kind: sum(trial.kind == kind for trial in trials) for kind in (TRIAL, CATCH, PRACTICE)}
    assert counts == {TRIAL: 2 * 20, CATCH: 8, PRACTICE: 2}


def test_a_sample_meets_a_real_image_of_its_class():
    real = real_images()
    for trial in design(real, arms(real), SETTINGS):
        np.testing.assert_array_equal(trial.real, real.images[trial.item])
        if trial.kind == TRIAL:
            np.testing.assert_array_equal(trial.other, trial.arm.images[trial.sample])
            assert trial.arm.labels[trial.sample] == real.labels[trial.item]


def test_with_a_low_resolution_sample_i_meets_test_image_i_in_both_tasks():
    real = real_images()
    low = low_resolution(real)
    trials = design(real, arms(real, paired=True), SETTINGS, low)
    assert {trial.task for trial in trials} == {1, 2}
    for trial in trials:
        assert trial.sample in (None, trial.item)
        assert (trial.low is None) == (trial.task == 2)
        if trial.low is not None:
            np.testing.assert_array_equal(trial.low, low[trial.item])


@pytest.mark.parametrize("low", [False, True])
def test_no_image_comes_twice(low):
    real = real_images()
    trials = design(real, arms(real, paired=low), SETTINGS, low_resolution(real) if low else None)
    items = [trial.item for trial in trials]
    assert len(items) == len(set(items))
    for arm in {trial.arm.name for trial in trials if trial.arm}:
        samples = [trial.sample for trial in trials if trial.arm and trial.arm.name == arm]
        assert len(samples) == len(set(samples))


def test_a_sample_that_belongs_to_another_image_is_refused():
    real = real_images()
    wrong = arms(real, paired=True)[0]
    labels = wrong.labels.copy()
    labels[7] += 1
    wrong = Arm("m", "v", 1, wrong.images, labels)
    with pytest.raises(FewstepError, match="^Sample 7 of m/v at 1 NFE does not belong to test image 7.$"):
        design(real, [wrong], SETTINGS, low_resolution(real))


def test_too_few_samples_are_not_called_too_few_test_images():
    real = real_images()
    few = [Arm("m", "v", 1, real.images[:5])]
    sentence = (
        rf"^study.items: 20 pairs of m/v at 1 NFE are wanted, but only 5 .* {len(real)} test images .* 5 samples.$"
    )
    with pytest.raises(FewstepError, match=sentence):
        design(real, few, SETTINGS | {"items": 20}, None)


@pytest.mark.parametrize(("count", "key"), [(45, "catch"), (49, "practice")])
def test_too_few_test_images_are_told(count, key):
    real = real_images(count)
    with pytest.raises(FewstepError, match=rf"^study\.{key}: .*{count} test images are too few"):
        design(real, arms(real, paired=True), SETTINGS | {"items": 20}, None)


def test_scrambling_moves_pixels_and_changes_none():
    image = np.arange(64 * 3, dtype=np.uint8).reshape(8, 8, 3)
    for share in (0.5, 1.0):
        out = scrambled(image, share, torch.Generator().manual_seed(0))
        before, after = (sorted(map(tuple, each.reshape(-1, 3).tolist())) for each in (image, out))
        moved = (out != image).any(axis=-1).mean()
        assert before == after and 0.8 * share < moved <= share


@pytest.mark.parametrize("study", ["plain", "paired"])
def test_the_key_tells_the_real_image_of_every_scored_trial(study, request):
    blinded, real = request.getfixturevalue(study), real_images()
    names = [trial["trial"] for task in blinded.page["tasks"] for trial in shown(task)]
    assert sorted(names) == sorted(blinded.key["trials"]) and len(names) == len(set(names))
    for trial in (trial for task in blinded.page["tasks"] for trial in shown(task)):
        truth = blinded.key["trials"][trial["trial"]]
        images = {letter: decoded(trial[letter]) for letter in "ab"}
        expected = real.images[truth["item"]]
        np.testing.assert_array_equal(images.pop(truth["real"]), expected)
        assert not np.array_equal(images.popitem()[1], expected)


def test_every_couple_has_its_real_images_on_different_letters_in_no_known_order(paired):
    truths = [
        tuple(paired.key["trials"][trial["trial"]]["real"] for trial in couple)
        for task in paired.page["tasks"]
        for group in task["groups"]
        for couple in group["couples"]
    ]
    assert set(truths) == {("a", "b"), ("b", "a")}
    share = truths.count(("a", "b")) / len(truths)
    assert abs(share - 0.5) < 3 * 0.5 / len(truths) ** 0.5


def test_no_image_of_the_page_can_be_told_by_its_length_or_its_copies(paired):
    trials = [trial for task in paired.page["tasks"] for trial in shown(task) + task["practice"]]
    images = [trial[letter] for trial in trials for letter in "ab"]
    assert len({len(image) for image in images}) == 1 and len(set(images)) == len(images)


def test_colour_images_survive():
    real = real_images(channels=3)
    for trial in design(real, arms(real)[:1], SETTINGS):
        assert trial.other.shape == (8, 8, 3)
    np.testing.assert_array_equal(decoded(uncompressed(real.images[0])), real.images[0])
    grey = np.full((8, 8, 3), 7, np.uint8)
    assert len(uncompressed(grey)) == len(uncompressed(real.images[0]))


@pytest.mark.parametrize("study", ["plain", "paired"])
def test_the_page_is_one_quiet_file_that_names_no_method_and_holds_no_answer(study, request):
    blinded = request.getfixturevalue(study)
    html = render(blinded.page)
    (data,) = re.findall(r'<script type="application/json" id="study">(.*)</script>', html)
    around = html.replace(data, "")
    assert not re.search(r"sharp|blurred|method|catch(?! \{)|nfe", around, flags=re.IGNORECASE)
    assert not re.search(r"https?:|//[a-z]|@import|url\(|<link (?!rel=\"icon\" href=\"data:,\")", around)
    assert "default-src 'none'" in around
    page = json.loads(data)
    assert page == blinded.page and set(page) == {"format", "study", "side", "view_seconds", "tasks"}
    for task in page["tasks"]:
        assert all(set(trial) == {"trial", "a", "b"} | ({"low"} if task["low"] else set()) for trial in shown(task))


def test_the_page_says_how_many_pairs_there_are(plain, paired):
    assert trials_per_rater(plain.page) == 2 + 2 * 10 + 8
    assert trials_per_rater(paired.page) == 2 * trials_per_rater(plain.page)
    assert "60 pairs in 2 parts" in render(paired.page)


def test_equal_settings_give_equal_pages_and_another_seed_another(plain):
    assert make_study(low=False) == plain
    assert make_study(low=False, seed=1).page["study"] != plain.page["study"]
