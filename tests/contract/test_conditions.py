"""Image i starts from entry i of its condition and from no other, in any batch; what it takes from there is in the key.

Small images and what an editing task leaves belong to real images, and say to which.
"""

import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.contract import conditions
from fewstep.contract.conditions import (
    DrawnLabels,
    GivenLabels,
    KnownContent,
    SmallImages,
    check_count,
    training_images,
)
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.data import Split, dealt, hold_out
from fewstep.images import noise
from fewstep.images.pixels import from_uint8
from fewstep.images.resampling import downsample
from fewstep.plan.edit_names import INTERPOLATION, PATH, TASKS

SHAPE = ImageShape(1, 8, 8, 10)
CARD = {
    "classes": 10, "low_resolution": 4,
    "class_counts": {"train": [90] + [0] * 8 + [10], "test": [1] * 10},
}  # fmt: skip
REFERENCE = {"rule": "reference", "split": "train"}


@pytest.fixture
def split():
    rng = np.random.default_rng(0)
    return Split(rng.integers(0, 256, (20, 8, 8, 1), dtype=np.uint8), rng.integers(0, 10, 20))


def request(indices, seed=0):
    return SampleRequest(SHAPE, seed, list(indices), 1)


def changed(split):
    """The split with other labels, without labels, with one other image, and in another order."""
    labels, images = split.labels.copy(), split.images.copy()
    labels[3] += 1
    images[3, 0, 0] ^= 1
    return [
        Split(split.images, labels),
        Split(split.images),
        Split(images, split.labels),
        split.take(np.arange(20)[::-1]),
    ]


# Labels


def test_labels_are_drawn_in_the_shares_of_the_reference_or_uniformly():
    rules = [("reference", "train"), ("reference", "test"), ("uniform", None)]
    counts = {rule: conditions.class_counts(CARD, *rule) for rule in rules}
    drawn = {rule: DrawnLabels(counts[rule]).of(request(range(50))).labels for rule in rules}
    rare = drawn["reference", "train"]
    assert set(rare.tolist()) == {0, 9} and (rare == 0).double().mean() > 0.7
    plain = noise.labels(0, range(50), [1] * 10)
    assert torch.equal(drawn["uniform", None], plain) and torch.equal(drawn["reference", "test"], plain)


def test_no_label_is_drawn_where_the_data_has_none():
    counts = conditions.class_counts({"classes": None, "class_counts": None}, **REFERENCE)
    assert counts is None and DrawnLabels(counts).of(request([0, 1])).labels is None


def test_the_shares_of_drawn_labels_are_their_key():
    keys = [DrawnLabels(counts).key for counts in ([5] * 10, [1] * 10, [5] * 9 + [6], None)]
    assert keys[0] == keys[1] and keys[1] != keys[2] and keys[3] not in keys[:3]


def test_given_labels_are_used_by_index(split):
    condition = GivenLabels.of_split(split)
    assert condition.of(request([7, 3])).labels.tolist() == split.labels[[7, 3]].tolist()
    assert condition.count == 20
    other = GivenLabels((condition.labels + 1) % 10)
    assert condition.key == GivenLabels.of_split(split).key != other.key


def test_images_that_only_have_a_label_belong_to_no_real_one(split):
    assert DrawnLabels([1] * 10).truth is None and GivenLabels.of_split(split).truth is None
    assert DrawnLabels([1] * 10).count is None


# Small images


def test_small_images_are_the_reduced_ones_with_their_labels(split):
    made = SmallImages.of_split(split, 4).of(request([7, 2, 7]))
    low = made.low_resolution
    assert torch.equal(low[1:2], downsample(from_uint8(split.images[2:3]), 4)) and torch.equal(low[0], low[2])
    assert made.labels.tolist() == split.labels[[7, 2, 7]].tolist()
    assert SmallImages.of_split(Split(split.images), 4).of(request([0])).labels is None


def test_a_request_holds_what_belongs_to_its_indices_whatever_the_seed(split):
    small = SmallImages.of_split(split, 4)
    for seed in (0, 1):
        made = small.of(request([3, 11], seed))
        assert torch.equal(made.low_resolution, small.images[[3, 11]]) and list(made.indices) == [3, 11]
        assert made.labels.tolist() == split.labels[[3, 11]].tolist()
    assert DrawnLabels([1] * 10).of(request([3])).low_resolution is None


def test_some_of_the_small_images_keep_their_order_and_their_labels(split):
    small = SmallImages.of_split(split, 4)
    some = small.take([5, 0])
    assert len(some) == some.count == 2 and torch.equal(some.images, small.images[[5, 0]])
    assert some.labels.tolist() == split.labels[[5, 0]].tolist()


def test_the_key_of_small_images_sees_each_image_each_label_and_the_size(split):
    keys = [SmallImages.of_split(other, 4).key for other in (split, *changed(split))]
    keys.append(SmallImages.of_split(split, 2).key)
    assert len(set(keys)) == 6 and SmallImages.of_split(split, 4).key == keys[0]


def test_one_training_image_in_ten_is_held_out_for_super_resolution_alone(split):
    data, small = training_images(split, 4)
    rest, validation = hold_out(split)
    assert (len(data), len(small)) == (18, 2)
    assert torch.equal(small.images, SmallImages.of_split(validation, 4).images)
    together = {image.tobytes() for image in (*rest.images, *validation.images)}
    assert together == {image.tobytes() for image in split.images} and len(together) == 20
    assert training_images(split, None) == (split, None)


# What is known of an image


@pytest.mark.parametrize("name", [name for name in TASKS if name not in ("colourisation", INTERPOLATION)])
def test_an_edit_is_of_the_images_of_its_indices_with_their_labels_in_any_batch(split, name):
    condition = KnownContent(name, split)
    both, one = condition.of(request([2, 9])), condition.of(request([9]))
    assert list(both.indices) == [2, 9] and both.labels.tolist() == split.labels[[2, 9]].tolist()
    assert both.edit.name == name and torch.equal(both.edit.known[1], one.edit.known[0])
    assert not torch.equal(both.edit.known[0], both.edit.known[1])


def test_a_path_shares_the_label_and_the_noises_of_its_first_image(split):
    made = KnownContent(INTERPOLATION, split).of(request([0, 3, PATH, PATH + 1]))
    assert list(made.indices) == [0, 0, PATH, PATH]
    assert made.labels.tolist() == split.labels[[0, 0, PATH, PATH]].tolist()
    assert torch.equal(made.noise()[0], made.noise()[1]) and len(set(made.edit.shares.tolist())) == 3


def test_images_without_labels_can_be_edited(split):
    assert KnownContent("strokes", Split(split.images)).of(request([0])).labels is None


def test_the_key_of_an_edit_sees_the_task_each_image_and_each_label(split):
    keys = [str(KnownContent("strokes", other).key) for other in (split, *changed(split))]
    keys.append(str(KnownContent("denoising", split).key))
    assert len(set(keys)) == 6 and str(KnownContent("strokes", split).key) == keys[0]


# All of them


@pytest.mark.parametrize("make", [lambda split: SmallImages.of_split(split, 4), lambda s: KnownContent("strokes", s)])
def test_the_truth_is_the_images_in_their_order_whatever_their_labels(split, make):
    same, unlabelled, *others = [make(other).truth for other in changed(split)]
    assert same == unlabelled == make(split).truth == conditions.truth_of(split.images)
    assert len({same, *others}) == 3


def test_a_task_has_its_condition(split):
    def make(task, images=None):
        return conditions.make(task, CARD, images, REFERENCE)

    assert make("generate") == DrawnLabels(CARD["class_counts"]["train"])
    assert torch.equal(make("labelled", split).labels, torch.from_numpy(split.labels))
    assert make("enlarge", split).key == SmallImages.of_split(split, 4).key
    edit = make("edit/strokes", split)
    assert edit.name == "strokes" and np.array_equal(edit.real.images, dealt(split).images)
    assert np.array_equal(edit.real.labels, dealt(split).labels)


def test_the_rule_of_labels_is_recorded_where_they_are_drawn_and_matter(split):
    drawn = DrawnLabels([1] * 10)
    params = {"labels": REFERENCE, "conditional": True}
    assert conditions.drawn_by(drawn, params) == "reference"
    assert conditions.drawn_by(drawn, params | {"conditional": False}) is None
    assert conditions.drawn_by(DrawnLabels(None), params) is None
    assert conditions.drawn_by(GivenLabels.of_split(split), params) is None
    assert conditions.drawn_by(SmallImages.of_split(split, 4), params) is None


def test_more_images_than_there_are_real_ones_are_refused(split):
    check_count(DrawnLabels([1] * 10), 1000, "datasets.toys.samples.count")
    for condition in (SmallImages.of_split(split, 4), GivenLabels.of_split(split), KnownContent("strokes", split)):
        check_count(condition, 20, "datasets.toys.samples.count")
        with pytest.raises(
            FewstepError, match=r"^datasets\.toys\.samples\.count: 21 images are asked for, .* there are 20 real ones"
        ):
            check_count(condition, 21, "datasets.toys.samples.count")
