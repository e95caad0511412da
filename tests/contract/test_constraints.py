"""What is known is kept exactly by any linear operator, within the range of pixels, and image by image."""

import pytest
import torch
import torch.nn.functional as F

from fewstep.base.errors import FewstepError
from fewstep.contract.constraints import LUMA, Constraint, luma, means, orthogonal, pixels
from fewstep.images.pixels import from_uint8, to_uint8

SHAPE = (3, 8, 8)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def scattered(share=0.3):
    return pixels(torch.rand(5, 1, 8, 8, generator=torch.Generator().manual_seed(3)) < share)


def any_operator():
    """A random invertible matrix over all values of an image, of which every third coordinate is known."""
    size = 3 * 8 * 8
    matrix = normal(size, size, seed=4) / size**0.5 + 2 * torch.eye(size)
    return Constraint(
        lambda x: x.flatten(1) @ matrix,
        lambda k: torch.linalg.solve(matrix.T, k.T).T.reshape(-1, *SHAPE),
        torch.arange(size) % 3 == 0,
    )


OPERATORS = {"pixels": scattered, "luma": luma, "means": lambda: means(4), "any": any_operator}


@pytest.fixture(params=OPERATORS)
def constraint(request):
    return OPERATORS[request.param]()


def test_the_operator_and_its_inverse_undo_each_other(constraint):
    x = normal(5, *SHAPE)
    assert torch.allclose(constraint.inverse(constraint.transform(x)), x, atol=1e-12)


def test_projection_keeps_what_is_known_of_one_and_the_rest_of_the_other(constraint):
    x, y = normal(5, *SHAPE), normal(5, *SHAPE, seed=1)
    made = constraint.project(x, y)
    assert constraint.error(x, y).min() > 1 and constraint.error(made, y).max() < 1e-9
    free = ~constraint.known
    assert (torch.where(free, constraint.transform(made) - constraint.transform(x), 0.0)).abs().max() < 1e-11
    assert torch.allclose(constraint.project(made, y), made, atol=1e-12)


def test_known_pixels_are_kept_to_the_bit():
    x, y, constraint = normal(5, *SHAPE), normal(5, *SHAPE, seed=1), scattered()
    known = constraint.known.expand(5, *SHAPE)
    assert torch.equal(constraint.project(x, y)[known], y[known])
    assert torch.equal(constraint.project(x, y)[~known], x[~known])


@pytest.mark.parametrize("name", ["pixels", "luma", "means"])
@pytest.mark.parametrize("contrast", [0.3, 1.0, 5.0])
def test_rounded_images_keep_what_is_known_within_one_grey_level(name, contrast):
    constraint = OPERATORS[name]()
    truth = (contrast * normal(5, *SHAPE, seed=1)).clamp(-1, 1)  # with contrast 5 nearly all pixels are black or white
    truth[0] = -1
    made = constraint.fit(2 * normal(5, *SHAPE), truth)
    assert constraint.error(made, truth).max() < 1e-9
    assert made.abs().max() <= 1 + 0.11 / 127.5
    assert constraint.error(from_uint8(to_uint8(made)).double(), truth).max() <= 1


@pytest.mark.parametrize("name", ["pixels", "luma", "means"])
def test_an_image_is_fitted_alike_in_every_batch(name):
    if name == "pixels":
        pytest.skip("its mask belongs to the batch")
    constraint, truth = OPERATORS[name](), (3 * normal(5, *SHAPE, seed=1)).clamp(-1, 1)
    whole = constraint.fit(normal(5, *SHAPE), truth)
    assert torch.equal(whole[2:3], constraint.fit(normal(5, *SHAPE)[2:3], truth[2:3]))


def test_what_no_image_can_keep_is_refused():
    truth = torch.zeros(5, *SHAPE, dtype=torch.float64)
    truth[3] = 1.2  # brighter than white
    with pytest.raises(FewstepError, match=r"^1 of 5 images cannot keep what is known .* up to 3\d\.\d grey levels"):
        luma().fit(normal(5, *SHAPE), truth)


def test_all_known_gives_the_input_and_nothing_known_leaves_the_image():
    x, y = normal(5, *SHAPE).clamp(-1, 1), normal(5, *SHAPE, seed=1).clamp(-1, 1)
    assert torch.equal(scattered(2.0).fit(x, y), y)
    assert torch.equal(scattered(-1.0).fit(x, y), x)


def test_the_known_coordinate_of_means_is_the_mean_and_of_luma_the_luma():
    x, y = normal(5, *SHAPE), normal(5, *SHAPE, seed=1)
    made = means(4).project(x, y)
    assert torch.allclose(F.avg_pool2d(made, 4), F.avg_pool2d(y, 4), atol=1e-12)
    # An error of one level in a mean is an error of one level.
    assert means(4).error(y + 1 / 127.5, y).tolist() == pytest.approx([1.0] * 5)
    weights = torch.tensor(LUMA, dtype=torch.float64)
    made = luma().project(x, y)
    assert torch.allclose(torch.einsum("bchw,c->bhw", made - y, weights), torch.zeros(5, 8, 8).double(), atol=1e-12)
    assert luma().error(y + 1 / 127.5, y).tolist() == pytest.approx([1.0] * 5)


def test_the_basis_is_orthogonal_and_its_first_column_is_along_the_weights():
    weights = torch.tensor(LUMA, dtype=torch.float64)
    basis = orthogonal(weights)
    assert torch.allclose(basis.T @ basis, torch.eye(3, dtype=torch.float64), atol=1e-12)
    # The first column of the matrix Q that Song et al. print.
    assert basis[:, 0].tolist() == pytest.approx([0.4471, 0.8780, 0.1705], abs=1e-3)
