"""Intervals of the Frechet distance cover by simulation, for both designs; or there is no corrected value."""

import numpy as np
import pytest
import torch
from simulations import DESIGNS, FIXED, INDEPENDENT, covered, digits, labels, repeat, resampled

from fewstep.scoring.metrics.frechet import Gaussian, estimate, frechet_distance
from fewstep.scoring.metrics.moments import Moments

COLUMNS = ("value", "standard_error", "corrected", "corrected_standard_error")


def columns(result) -> tuple:
    return tuple(getattr(result, name) for name in COLUMNS)


@pytest.fixture(scope="module")
def real():
    """Features and labels of MNIST's training images, and their Gaussian: the population, so that the truth is 0."""
    train, _ = digits()
    features = torch.from_numpy(train.features)
    return features, torch.from_numpy(train.labels), Gaussian.fit(Moments.of(features))


@pytest.mark.parametrize("count", [250, 1000])
@pytest.mark.parametrize("design", DESIGNS)
def test_digits_by_both_designs(real, design, count):
    features, of_class, reference = real

    def once(generator):
        drawn, how = labels(design, count, generator)
        return columns(estimate(resampled(features, of_class, drawn, generator), reference, how))

    value, error, corrected, corrected_error = repeat(60, once).T
    there = ~np.isnan(corrected)
    assert there.mean() > 0.9
    assert abs(corrected[there].mean()) < 4 * corrected[there].std() / there.sum() ** 0.5
    assert covered(0, corrected, corrected_error) >= 0.9
    assert covered(value.mean(), value, error) >= 0.9
    assert 0.85 < error.mean() / value.std() < 1.4


def test_a_fixed_number_of_each_class_is_biased_and_varies_half_as_much(real):
    features, of_class, reference = real

    def once(generator, design):
        drawn, _ = labels(design, 500, generator)
        return (frechet_distance(resampled(features, of_class, drawn, generator), reference),)

    independent, fixed = (repeat(30, lambda g, d=design: once(g, d)) for design in (INDEPENDENT, FIXED))
    assert fixed.mean() < 0.6 * independent.mean() and fixed.std() < 0.5 * independent.std()


def test_what_is_taken_for_independent_labels_would_not_cover(real):
    """What this module would miss if the design were ignored: the truth is far below the interval."""
    features, of_class, reference = real

    def once(generator):
        drawn, _ = labels(FIXED, 1000, generator)
        return columns(estimate(resampled(features, of_class, drawn, generator), reference))

    *_, corrected, _ = repeat(10, once).T
    assert (corrected < -0.1).all()


def gaussian(dimension: int, decay: float) -> tuple[torch.Tensor, Gaussian]:
    """Variances i^-decay, and the Gaussian that has them."""
    variances = torch.arange(1, dimension + 1).double() ** -decay
    return variances, Gaussian.fit(Moments(10**7, torch.zeros(dimension).double(), torch.diag(variances)))


def drawn_from(variances: torch.Tensor, ratio: float, generator: torch.Generator) -> torch.Tensor:
    count = round(ratio * len(variances))
    return torch.randn(count, len(variances), generator=generator, dtype=torch.float64) * variances.sqrt()


@pytest.mark.parametrize("decay", [0, 1])
@pytest.mark.parametrize("ratio", [1.1, 1.6, 2.0, 3.0, 4.7, 7.0, 12.5])
def test_few_images_for_many_features_cover_or_have_no_corrected_value(ratio, decay):
    variances, reference = gaussian(64, decay)
    found = repeat(40, lambda generator: columns(estimate(drawn_from(variances, ratio, generator), reference)))
    value, error, corrected, corrected_error = found.T
    withheld = np.isnan(corrected).mean()
    assert withheld == 1 if ratio <= 2 else withheld < 0.05 if ratio >= 4.7 else True
    if withheld < 0.5:
        assert covered(0, corrected, corrected_error) >= 0.9
    assert covered(value.mean(), value, error) >= 0.9
    assert 0.85 < error.mean() / value.std() < 1.75  # of 40 draws the spread is known to 11 %


@pytest.mark.parametrize("ratio", [3.0, 7.0])
def test_the_standard_error_is_the_spread_also_of_equal_distributions(ratio):
    """There the first term of the variance vanishes; counted in full it makes the error 1.4 times too large."""
    variances, reference = gaussian(32, 0)
    draws = repeat(200, lambda generator: columns(estimate(drawn_from(variances, ratio, generator), reference)))
    assert 0.9 < draws[:, 1].mean() / draws[:, 0].std() < 1.3


@pytest.mark.parametrize(("ratio", "is_there"), [(4.7, False), (16.0, True)])
def test_many_features_take_more_images_for_each(ratio, is_there):
    """The error of the bias grows with the dimension, the standard error does not: N / d alone is no condition."""
    variances, reference = gaussian(256, 0)
    found = repeat(6, lambda generator: columns(estimate(drawn_from(variances, ratio, generator), reference)))
    *_, corrected, error = found.T
    assert (~np.isnan(corrected) == is_there).all()
    if is_there:
        assert (abs(corrected) < 3 * error).all()


def test_why_there_is_no_corrected_value():
    variances, reference = gaussian(64, 0)
    few, some = (estimate(drawn_from(variances, r, torch.Generator().manual_seed(0)), reference) for r in (2, 2.5))
    assert few.reason == "to tell its bias takes more than 128 images, twice as many as features"
    assert some.reason.startswith("its bias, about 7") and some.reason.endswith("the standard error")
    assert few.bias is few.corrected is some.bias is some.corrected is None


def test_a_reference_without_variance():
    """Then T = 0, and the distance is |m1 - m2|^2 + tr S1, a mean over the samples."""
    generator = torch.Generator().manual_seed(0)
    samples, point = torch.randn(200, 16, generator=generator), torch.randn(1, 16, generator=generator)
    reference = Gaussian.fit(Moments.of(point.expand(100, 16)))
    result = estimate(samples, reference)
    assert result.value == pytest.approx(frechet_distance(samples, reference), rel=1e-12)
    squares = (samples - point).double().square().sum(1)
    assert result.standard_error == pytest.approx(float(squares.std()) / 200**0.5, rel=0.05)
    assert result.value == pytest.approx(float(squares.mean()), rel=0.01)
