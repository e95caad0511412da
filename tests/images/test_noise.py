"""Noise belongs to an image: (seed, stream, index) decide it, and nothing else does."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fewstep.images import noise

SHAPE = (1, 5, 5)  # 25 values: not a multiple of the block sizes of vectorised generators


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12), st.integers(0, 2**31))
def test_noise_of_an_image_is_the_same_in_any_batch_and_order(indices, seed):
    together = noise.normal(seed, indices, "initial", SHAPE)
    for row, index in zip(together, indices, strict=True):
        assert torch.equal(row, noise.normal(seed, [index], "initial", SHAPE)[0])


def test_streams_seeds_and_indices_are_independent():
    base = noise.normal(0, range(2000), "initial", (4,))
    for other in (
        noise.normal(0, range(2000), "step 1", (4,)),
        noise.normal(1, range(2000), "initial", (4,)),
        noise.normal(0, range(2000, 4000), "initial", (4,)),
    ):
        correlation = torch.corrcoef(torch.stack([base.flatten(), other.flatten()]))[0, 1]
        assert abs(correlation) < 5 / 8000**0.5


def test_noise_is_standard_normal():
    values = noise.normal(3, range(500), "initial", (1, 8, 8)).double()
    count = values.numel()
    assert abs(values.mean()) < 4 / count**0.5
    assert abs(values.var() - 1) < 4 * (2 / count) ** 0.5
    assert abs((values**4).mean() - 3) < 4 * (96 / count) ** 0.5


def test_a_longer_image_starts_with_the_same_numbers():
    # A stream is one sequence per image: its length is not part of its key.
    assert torch.equal(noise.normal(0, [7], "s", (6,))[0, :3], noise.normal(0, [7], "s", (3,))[0])


def test_labels_are_uniform_and_belong_to_the_index():
    labels = noise.labels(0, range(4000), [1] * 10)
    assert torch.equal(labels[10:20], noise.labels(0, range(10, 20), [1] * 10))
    counts = torch.bincount(labels, minlength=10).double()
    assert ((counts - 400) ** 2 / 400).sum() < 27.9  # chi-squared, 9 degrees of freedom, p = 0.001


def test_labels_have_the_shares_of_the_counts_and_a_class_without_images_is_never_drawn():
    counts = torch.tensor([0, 700, 200, 0, 97, 3, 0])
    drawn = torch.bincount(noise.labels(0, range(10_000), counts.tolist()), minlength=7)
    assert drawn[counts == 0].sum() == 0
    expected = 10 * counts[counts > 0]
    assert ((drawn[counts > 0] - expected) ** 2 / expected).sum() < 16.3  # 3 degrees of freedom, p = 0.001


@pytest.mark.parametrize("count", [1, 7, 400])
def test_equal_counts_of_any_size_draw_uniform_integers(count):
    """So that labels of balanced data are those of samples that were drawn before there were counts."""
    uniform = [int(noise._generator(3, i, "label").integers(10)) for i in range(200)]
    assert noise.labels(3, range(200), [count] * 10).tolist() == uniform


def test_only_the_ratios_of_counts_matter():
    assert noise.shares([0, 6, 9]) == noise.shares([0, 20, 30]) == [0, 2, 3]
    assert torch.equal(noise.labels(0, range(99), [0, 6, 9]), noise.labels(0, range(99), [0, 20, 30]))
    assert noise.classes_of(range(5), [0, 6, 0, 9]).tolist() == [1, 1, 3, 3, 3]


def test_normal_numbers_become_uniform_ones():
    numbers = noise.uniform(torch.randn(100_000, generator=torch.Generator().manual_seed(0)))
    assert numbers.dtype == torch.float64 and numbers.min() > 0 and numbers.max() < 1
    assert torch.allclose(numbers.sort().values, torch.linspace(0, 1, 100_000).double(), atol=0.01)
    assert noise.uniform(torch.tensor([0.0, 1.6448536])).tolist() == pytest.approx([0.5, 0.95])


def test_training_generators_are_keyed_by_their_words():
    def draw(*key):
        return torch.rand(3, generator=noise.torch_generator(*key))

    assert torch.equal(draw(0, "step", 5), draw(0, "step", 5))
    assert not torch.equal(draw(0, "step", 5), draw(0, "step", 6))
    assert not torch.equal(draw(0, "step", 5), draw(1, "step", 5))
