"""Sample i belongs to image i: its input and label are that image's, in any batch, shard and timing."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fewstep.low_resolution import check_count, reduced, training_images

from fewstep.contract import ImageShape
from fewstep.data import Split, hold_out
from fewstep.data.split import dealt
from fewstep.errors import FewstepError
from fewstep.features import read_images
from fewstep.images import from_uint8
from fewstep.resampling import downsample, upsample
from fewstep.sampling import Cell, make_request, sample_cell
from fewstep.timing import sampler_cell

SHAPE = ImageShape(1, 8, 8, 10)
CELL = Cell("method", "variant", 1, 0, {})


@pytest.fixture
def split():
    rng = np.random.default_rng(0)
    return Split(rng.integers(0, 256, (20, 8, 8, 1), dtype=np.uint8), rng.integers(0, 10, 20))


class Enlarge(torch.nn.Module):
    """A model without weights."""

    def forward(self, low):
        return upsample(low, 8)


def enlarge(model, request):
    return model(request.low_resolution)


def test_inputs_are_the_reduced_images_with_their_labels(split):
    inputs = reduced(split, 4)
    low, labels = inputs.of([7, 2, 7])
    assert torch.equal(low[1:2], downsample(from_uint8(split.images[2:3]), 4)) and torch.equal(low[0], low[2])
    assert labels.tolist() == split.labels[[7, 2, 7]].tolist()
    assert reduced(Split(split.images), 4).of([0])[1] is None


def test_a_request_holds_the_inputs_of_its_indices_and_their_labels_whatever_the_seed(split):
    inputs = reduced(split, 4)
    for seed in (0, 1):
        request = make_request(replace(CELL, seed=seed), SHAPE, [3, 11], torch.device("cpu"), inputs)
        assert torch.equal(request.low_resolution, inputs.images[[3, 11]])
        assert request.labels.tolist() == split.labels[[3, 11]].tolist()
    assert make_request(CELL, SHAPE, [3], torch.device("cpu")).low_resolution is None


@pytest.mark.parametrize(("shard", "batch"), [(20, 20), (7, 3)])
def test_samples_are_paired_in_every_batch_and_shard_also_by_a_model_without_weights(split, tmp_path, shard, batch):
    inputs = reduced(split, 4)
    entry = sample_cell(enlarge, Enlarge(), CELL, SHAPE, tmp_path, "key", 20, shard, batch, inputs)
    expected = (upsample(inputs.images, 8) * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
    assert np.array_equal(read_images(tmp_path, entry), expected.numpy())
    assert entry["truth"] == inputs.truth


def test_other_inputs_are_other_samples(split):
    def key(*inputs):
        return CELL.key("weights", "code", SHAPE, *inputs)

    turned = Split(split.images[::-1].copy(), split.labels)
    assert len({key(), key(reduced(split, 4)), key(reduced(split, 2)), key(reduced(turned, 4))}) == 4


def test_more_samples_than_images_are_refused(split):
    check_count(None, 1000, "toys")
    check_count(reduced(split, 4), 20, "toys")
    with pytest.raises(FewstepError, match=r"^datasets\.toys\.samples\.count: 21 samples .* there are 20 test images"):
        check_count(reduced(split, 4), 21, "toys")


def test_timing_goes_round_the_inputs_when_they_run_out(split):
    asked = []

    def sample(model, request):
        asked.extend(request.indices)
        return enlarge(model, request)

    cell = sampler_cell(sample, Enlarge(), CELL, SHAPE, "key", reduced(split, 4))
    cell.generate(12), cell.generate(12)
    assert asked == [*range(20), 0, 1, 2, 3]


def test_one_training_image_in_ten_is_held_out_for_super_resolution_alone(split):
    data, inputs = training_images(split, 4)
    rest, validation = hold_out(split)
    assert (len(data), len(inputs)) == (18, 2) and torch.equal(inputs.images, reduced(validation, 4).images)
    together = {image.tobytes() for image in (*rest.images, *validation.images)}
    assert together == {image.tobytes() for image in split.images} and len(together) == 20
    assert training_images(split, None) == (split, None)


def test_the_order_of_test_images_hangs_on_their_pixels_alone(split):
    order = np.random.default_rng(1).permutation(20)
    first, second = dealt(split), dealt(split.take(order))
    assert np.array_equal(first.images, second.images) and np.array_equal(first.labels, second.labels)
    assert not np.array_equal(first.images, split.images)


def test_the_key_of_inputs_sees_each_image_each_label_and_the_size(split):
    labels = split.labels.copy()
    labels[3] += 1
    others = [Split(split.images, labels), Split(split.images), split.take(np.arange(20)[::-1])]
    keys = [reduced(other, 4).key for other in (split, *others)] + [reduced(split, 2).key]
    assert len(set(keys)) == 5 and reduced(split, 4).key == keys[0]
