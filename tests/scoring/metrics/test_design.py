"""How a sample was drawn decides how much a mean varies."""

import numpy as np
import pytest
import torch
from simulations import DESIGNS, FIXED, Mixture, labels, repeat

from fewstep.scoring.metrics.inception_score import inception_score
from fewstep.scoring.metrics.kid import kernel_distance, mean_kernel
from fewstep.scoring.metrics.precision_recall import precision_recall, squared_radii
from fewstep.scoring.metrics.sample_design import FEWEST, Design, two_term_error


def test_the_variance_of_a_mean_is_that_within_the_strata():
    values = torch.tensor([0.0, 2.0, 0.0, 2.0, 10.0, 14.0, 10.0, 14.0])
    stratum = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    within = (4 * (4 / 3) + 4 * (16 / 3)) / 8 / 8
    assert Design(stratum).variance_of_mean(values) == pytest.approx(within, rel=1e-12)
    assert Design.independent(8).variance_of_mean(values) == pytest.approx(float(values.var()) / 8, rel=1e-6)


def test_one_class_is_no_stratification():
    assert not Design.stratified(torch.zeros(20, dtype=torch.int64)).is_stratified
    assert Design.stratified(torch.arange(20) % 2).is_stratified


@pytest.mark.parametrize("counts", [[1] * 30, [1, 1, 20], [3, 3, 9], [2, 1, 4, 50], [0, 5, 0, 6]])
def test_small_classes_are_taken_together_so_that_every_half_of_a_stratum_has_two(counts):
    design = Design.stratified(torch.arange(len(counts)).repeat_interleave(torch.tensor(counts)))
    assert design.counts.min() >= FEWEST and design.counts.sum() == sum(counts)
    for half in design.halves():
        assert design.stratum[half].bincount(minlength=len(design.counts)).min() >= 2


def test_halves_part_every_stratum_evenly():
    design = Design(torch.tensor([0] * 7 + [1] * 4 + [2] * 8))
    first, second = design.halves()
    assert sorted(torch.cat([first, second]).tolist()) == list(range(19))
    for half in (first, second):
        assert ((2 * design.stratum[half].bincount() - design.counts).abs() <= 1).all()


@pytest.mark.parametrize("design", [Design.independent(400), Design.stratified(torch.arange(400) % 5)])
def test_the_interaction_of_a_product_is_the_square_of_the_variance_within(design):
    """h(x, y) = (x - E x)(y - E y), so E[h^2] = Var(x)^2, with variances within the strata."""
    values = torch.randn(400, generator=torch.Generator().manual_seed(0)).double() + 50 * (torch.arange(400) % 5)
    variance = design.variance_of_mean(values) * 400
    assert design.interaction(lambda x, y: values[x] * values[y]) == pytest.approx(variance**2, rel=0.15)


def test_the_interaction_of_a_sum_is_nothing():
    values = torch.arange(50).double()
    assert Design.independent(50).interaction(lambda x, y: values[x] + values[y]) == pytest.approx(0, abs=1e-20)


def test_the_error_of_a_degenerate_statistic():
    """The mean of x_i x_j over all pairs with E x = 0: its projection vanishes, and its variance is 2 / N^2."""
    draws = repeat(300, lambda g: _pair_product(torch.randn(40, generator=g).double()))
    assert draws[:, 0].std() == pytest.approx(2**0.5 / 40, rel=0.15)
    assert draws[:, 1].mean() == pytest.approx(2**0.5 / 40, rel=0.3)


def _pair_product(x: torch.Tensor) -> tuple[float, float]:
    others = (x.sum() - x) / (len(x) - 1)
    design = Design.independent(len(x))
    interaction = design.interaction(lambda i, j: x[i] * x[j])
    return float((x * others).mean()), two_term_error(design, 2 * x * others, interaction)


@pytest.fixture(scope="module")
def reference():
    """2,000 real images of the mixture, a fixed number of each class, with what the metrics take from them."""
    mixture = Mixture.make()
    drawn, design = labels(FIXED, 2000, torch.Generator().manual_seed(10**6))
    features = mixture.draw(drawn, torch.Generator().manual_seed(10**6 + 1))
    radii = dict(zip((3, 5), squared_radii(features, (3, 5)), strict=True))
    return mixture, features, radii, mean_kernel(features, design)


NAMES = ("kid", "is", "precision", "recall", "density", "coverage")


@pytest.mark.parametrize("count", [250, 600])
@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_cover_by_both_designs(reference, design, count):
    """The expected score at this number of images lies in 95 % of the intervals; 80 draws tell 0.88 from it."""
    mixture, real, radii, kernel = reference

    def once(generator):
        drawn, how = labels(design, count, generator)
        features = mixture.draw(drawn, generator)
        near = precision_recall(features, real, radii, design=how)
        found = [kernel_distance(features, real, kernel, how), inception_score(mixture.logits(features), how)]
        rows = [(s.value, s.value - 1.96 * s.standard_error, s.value + 1.96 * s.standard_error) for s in found]
        rows += [(s.value, *s.interval) for s in (near.precision, near.recall, near.density, near.coverage)]
        return sum(rows, ())

    found = repeat(80, once).reshape(80, len(NAMES), 3)
    for name, (value, low, high) in zip(NAMES, found.transpose(1, 2, 0), strict=True):
        share = np.mean((low <= value.mean()) & (value.mean() <= high))
        assert share >= 0.88, f"{name}: {share:.0%}"
        assert np.mean(high - low) / 3.92 < 1.5 * value.std(), f"{name}: intervals are far too wide"


def test_the_kernel_distance_is_unbiased_by_both_designs(reference):
    mixture, real, _, kernel = reference
    truth_drawn, truth_design = labels(FIXED, 8000, torch.Generator().manual_seed(99))
    truth = kernel_distance(mixture.draw(truth_drawn, torch.Generator().manual_seed(98)), real, kernel, truth_design)

    def once(generator, design):
        drawn, how = labels(design, 250, generator)
        return (kernel_distance(mixture.draw(drawn, generator), real, kernel, how).value,)

    for design in DESIGNS:
        values = repeat(80, lambda g, d=design: once(g, d))
        assert abs(values.mean() - truth.value) < 3.5 * values.std() / 80**0.5 + 2 * truth.standard_error
    # Without the design, pairs of one class are too few, and the distance is far below 0.
    drawn, _ = labels(FIXED, 250, torch.Generator().manual_seed(0))
    ignored = kernel_distance(mixture.draw(drawn, torch.Generator().manual_seed(1)), real, kernel)
    assert ignored.value < truth.value - 5 * repeat(20, lambda g: once(g, FIXED)).std()


def test_labels_in_any_order_give_the_same_scores(reference):
    mixture, real, _, kernel = reference
    drawn, how = labels(FIXED, 200, torch.Generator().manual_seed(0))
    features = mixture.draw(drawn, torch.Generator().manual_seed(1))
    order = torch.randperm(200, generator=torch.Generator().manual_seed(2))
    one, other = kernel_distance(features, real, kernel, how), kernel_distance(
        features[order], real, kernel, Design.stratified(drawn[order])
    )  # fmt: skip
    assert one.value == pytest.approx(other.value, rel=1e-4, abs=1e-6)
