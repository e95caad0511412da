"""Degradations keep shapes and treat images apart; each does what its name says and nothing else."""

import math

import pytest
import torch

from fewstep.images import degradations
from fewstep.images.degradations import binarised, blurred, degraded, grey, masked, noisy, sketch

SHAPES = [(3, 1, 8, 8), (2, 3, 32, 32), (2, 1, 28, 28)]


@pytest.fixture
def images():
    """A function of a shape that gives random images in [-1, 1]."""
    return lambda shape: torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.fixture
def noise():
    """A function of a shape that gives standard normal noise."""
    return lambda shape: torch.randn(shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_degradation_keeps_the_shape_and_spares_its_input(images, noise, shape):
    x = images(shape)
    kept = x.clone()
    for name, y in degraded(x, noise(shape)).items():
        assert y.shape == x.shape and y.dtype == x.dtype and torch.isfinite(y).all(), name
        assert (y - x).abs().flatten(1).max(dim=1).values.min() > 0.01, f"{name} changed nothing"
        assert name == "noisy" or y.abs().max() <= 1 + 1e-6, name
    assert torch.equal(x, kept)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_image_is_degraded_alike_in_every_batch(images, noise, shape):
    x, e = images(shape), noise(shape)
    whole, alone = degraded(x, e), degraded(x[1:2], e[1:2])
    assert all(torch.allclose(whole[name][1:2], alone[name], atol=1e-6) for name in whole)


def test_colour_images_lose_their_colour_and_grey_ones_their_shades(images, noise):
    colour, mono = ({*degraded(images(s), noise(s))} for s in [(2, 3, 32, 32), (2, 1, 28, 28)])
    assert colour - mono == {"grey"} and mono - colour == {"binarised"}


def test_noise_has_its_scale_and_is_the_one_handed_in(images, noise):
    x, e = images((2, 1, 28, 28)), noise((2, 1, 28, 28))
    assert torch.allclose(noisy(x, e) - x, degradations.NOISE * e, atol=1e-6)
    assert torch.equal(noisy(x, e, scale=0.0), x)


def test_grey_and_binarised_are_projections(images):
    x = images((2, 3, 32, 32))
    for project in (grey, binarised):
        assert torch.allclose(project(project(x)), project(x), atol=1e-6)
    assert torch.allclose(grey(x)[:, 0], x.mean(dim=1), atol=1e-6)
    assert set(binarised(x).unique().tolist()) == {-1.0, 1.0} and (binarised(x) * x >= 0).all()


@pytest.mark.parametrize("degrade", [blurred, sketch])
def test_flat_images_have_nothing_to_blur_and_no_edges(degrade):
    flat = torch.tensor([-1.0, -0.3, 1.0]).reshape(3, 1, 1, 1).expand(3, 1, 28, 28)
    expected = flat if degrade is blurred else torch.zeros_like(flat)
    assert torch.allclose(degrade(flat), expected, atol=1e-5)


@pytest.mark.parametrize("side", [28, 64])
def test_blur_has_its_width_and_keeps_the_mass(side):
    sigma = 0.06
    point = torch.zeros(1, 1, side, side)
    point[..., side // 2, side // 2] = 1.0
    y = blurred(point, sigma)
    at = torch.arange(side) - side // 2
    for axis in (0, 1):
        profile = y[0, 0].sum(dim=axis)
        assert profile.sum().item() == pytest.approx(1, abs=1e-5)
        # The kernel ends at three standard deviations, where 1.4 per cent of the width is lost.
        assert math.sqrt((profile * at**2).sum()) == pytest.approx(sigma * side, rel=0.03)


def test_blurs_add_up_in_variance(images):
    x = images((1, 1, 64, 64))
    twice, once = blurred(blurred(x, 0.03), 0.04), blurred(x, 0.05)
    middle = (..., slice(16, 48), slice(16, 48))
    assert (twice[middle] - once[middle]).std() < 0.05 * once[middle].std()


def test_a_sketch_is_dark_beside_a_bright_line_and_does_not_see_the_contrast():
    line = torch.full((1, 1, 28, 28), -1.0)
    line[..., 13:15] = 1.0
    y = sketch(line)[0, 0, 14]
    assert y[13] > 0.5 and y[11] < -0.5 and y[2].abs() < 0.01
    # Half the light: only the floor, which keeps black from being divided by black, tells the two apart.
    dim = sketch((line + 1) / 2 - 1)[0, 0, 14]
    assert (dim - y).abs().mean() < 0.05


@pytest.mark.parametrize("side", [8, 28, 33])
def test_the_hole_is_a_square_in_the_middle(side):
    x = torch.ones(1, 2, side, side)
    y = masked(x, 0.5)
    holes = (y[0, 0] == 0).nonzero()
    assert len(holes) == round(side / 2) ** 2 and torch.equal(y[0, 0], y[0, 1])
    assert (holes.float().mean(dim=0) - (side - 1) / 2).abs().max() <= 0.5
