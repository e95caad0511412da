"""Distances between images, and sampling with the times of a card."""

import pytest
import torch

from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.diffusion.consistency import DISTANCES, l1, pseudo_huber, same_dropout, sample_consistency, squared_l2

A, B = torch.randn(2, 5, 3, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("distance", DISTANCES.values())
def test_a_distance_is_per_image_symmetric_and_zero_for_equal_images(distance):
    d = distance(A, B)
    assert d.shape == (5,) and (d > 0).all()
    assert torch.equal(d, distance(B, A)) and torch.allclose(distance(A[2:3], B[2:3]), d[2:3])
    assert distance(A, A).abs().max() < 1e-5


def test_the_distances_of_a_constant_difference():
    assert torch.allclose(squared_l2(A, A + 0.5), torch.full((5,), 0.25))
    assert torch.allclose(l1(A, A + 0.5), torch.full((5,), 0.5))
    assert torch.allclose(pseudo_huber(A, A + 0.5, c=0), torch.full((5,), 0.5 * 192**0.5))


def test_pseudo_huber_is_quadratic_near_zero_and_a_norm_far_away():
    near, far = pseudo_huber(A, A + 1e-3, c=10), pseudo_huber(A, A + 1e3, c=10)
    assert torch.allclose(near, torch.full((5,), 192 * 1e-6 / 20), rtol=0.05)
    assert torch.allclose(far, torch.full((5,), 192**0.5 * 1e3 - 10), rtol=1e-4)


@pytest.mark.parametrize(("side", "c"), [(32, 0.02993), (64, 0.05986)])
def test_the_papers_constant_grows_with_the_image(side, c):
    x = torch.zeros(1, 3, side, side, dtype=torch.float64)
    y = x.clone()
    y[0, 0, 0, 0] = 1
    assert pseudo_huber(x, y).item() == pytest.approx((1 + c**2) ** 0.5 - c, abs=1e-5)


@pytest.mark.parametrize("distance", DISTANCES.values())
@pytest.mark.parametrize("c", [{}, {"c": 0.0}])
def test_gradients_stay_finite_for_equal_images(distance, c):
    x = A.clone().requires_grad_()
    distance(x, A, **(c if distance is pseudo_huber else {})).sum().backward()
    assert torch.isfinite(x.grad).all()


@pytest.mark.parametrize("nfe", [1, 2, 4])
def test_sampling_visits_the_times_of_the_card(nfe):
    seen, labels = [], torch.tensor([1, 2])
    settings = {"times": {1: [], 2: [0.8], 4: [8.4, 1.9, 0.4]}, "floor": 0.0, "clip": False}

    def model(x, t, given):
        assert given is labels and x.dtype == torch.float64
        seen.append((x, t))
        return torch.zeros_like(x)

    request = SampleRequest(ImageShape(1, 4, 4, 10), 0, [0, 1], nfe, settings, labels)
    sample_consistency(model, request)
    assert [t.tolist() for _, t in seen] == [[level] * 2 for level in [80.0, *settings["times"][nfe]]]
    assert torch.equal(seen[0][0], 80 * request.noise().double())
    for i, (x, t) in enumerate(seen[1:], start=1):
        assert torch.allclose(x, t[0] * request.step_noise(i))


def test_the_same_call_gives_the_same_dropout_mask():
    masks = []
    for seed in (3, 3, 4):
        same_dropout(seed)
        masks.append(torch.nn.functional.dropout(torch.ones(100), 0.5))
    assert torch.equal(masks[0], masks[1]) and not torch.equal(masks[0], masks[2])
