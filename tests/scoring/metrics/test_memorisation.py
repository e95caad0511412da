"""Copies of the training set are found; new images of the same kind are not called copies."""

import pytest
import torch

from fewstep.scoring.metrics.memorisation import copies, nearer, nearest


def draw(count: int, seed: int) -> torch.Tensor:
    return torch.randn(count, 16, generator=torch.Generator().manual_seed(seed))


TRAINING, HELD_OUT = draw(800, 0), draw(400, 1)


def scores(samples: torch.Tensor) -> tuple:
    usual = nearest(HELD_OUT, TRAINING)
    distances = nearest(samples, TRAINING)
    return nearer(distances, usual), copies(distances, usual)


def test_distances_are_those_to_the_nearest():
    points = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    assert nearest(torch.tensor([[0.0, 1.0], [3.0, 2.0]]), points).tolist() == pytest.approx([1, 2])


def test_new_images_of_the_same_kind_are_as_near_as_held_out_ones():
    near, copied = scores(draw(1000, 2))
    assert near.low < 0.5 < near.high and near.high - near.low < 0.1
    assert copied.value == 0


def test_a_copyist_is_found():
    near, copied = scores(TRAINING + 1e-2 * draw(800, 3))
    assert near.value > 0.999 and copied.value == 1


def test_a_part_of_copies_is_counted():
    near, copied = scores(torch.cat([draw(300, 2), TRAINING[:100]]))
    assert copied.value == pytest.approx(0.25) and copied.low < 0.25 < copied.high
    assert near.value == pytest.approx(0.75 * 0.5 + 0.25, abs=0.04)


@pytest.mark.parametrize("known", [0.5, 0.6, 1.0])
def test_held_out_images_that_were_trained_on_do_not_hide_copies(known):
    mixed = HELD_OUT.clone()
    mixed[: int(400 * known)] = TRAINING[: int(400 * known)]
    usual = nearest(mixed, TRAINING)
    assert (usual[: int(400 * known)] == 0).all()
    assert copies(nearest(TRAINING[:50], TRAINING), usual).value == 1
    assert copies(nearest(draw(1000, 2), TRAINING), usual).value == 0


def test_far_from_0_a_copy_is_a_copy_still():
    assert copies(nearest(TRAINING[:50] + 1000, TRAINING + 1000), nearest(HELD_OUT + 1000, TRAINING + 1000)).value == 1


def test_samples_off_the_data_are_no_copies():
    near, copied = scores(5 * draw(300, 2))
    assert near.value < 0.01 and copied.value == 0
