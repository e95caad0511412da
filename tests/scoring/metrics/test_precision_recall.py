import numpy as np
import pytest
import torch
from torch_fidelity.metric_prc import prc_features_to_metric

from fewstep.base.errors import FewstepError
from fewstep.scoring.metrics.precision_recall import precision_recall, squared_radii


def draw(count: int, seed: int, scale: float = 1.0, dimension: int = 8) -> torch.Tensor:
    return scale * torch.randn(count, dimension, generator=torch.Generator().manual_seed(seed))


def score(generated: torch.Tensor, real: torch.Tensor, block: int = 2000):
    radii = dict(zip((3, 5), squared_radii(real, (3, 5), block), strict=True))
    return precision_recall(generated, real, radii, k=3, density_k=5, block=block)


def errors(scores) -> list[float]:
    return [getattr(scores, name).standard_error for name in ("precision", "recall", "density", "coverage")]


def values(scores) -> list[float]:
    return [getattr(scores, name).value for name in ("precision", "recall", "density", "coverage")]


@pytest.mark.parametrize(("scale", "dimension"), [(0.7, 8), (1.0, 64), (1.3, 8)])
def test_precision_and_recall_are_torch_fidelitys(scale, dimension):
    generated, real = draw(500, 0, scale, dimension), draw(600, 1, 1.0, dimension)
    theirs = prc_features_to_metric(generated, real, verbose=False)
    ours = score(generated, real)
    assert ours.precision.value == pytest.approx(theirs["precision"], abs=1e-7)
    assert ours.recall.value == pytest.approx(theirs["recall"], abs=1e-7)


def test_all_four_are_the_definition():
    generated, real = draw(70, 0, 1.2).double(), draw(80, 1).double()
    across = torch.cdist(generated, real)

    def radii(x, k):
        return torch.cdist(x, x).sort(1).values[:, k]

    expected = [
        (across <= radii(real, 3)).any(1).double().mean(),
        (across <= radii(generated, 3)[:, None]).any(0).double().mean(),
        (across <= radii(real, 5)).sum(1).double().mean() / 5,
        (across.amin(0) <= radii(real, 5)).double().mean(),
    ]
    assert values(score(generated.float(), real.float())) == pytest.approx([float(x) for x in expected])


@pytest.mark.parametrize("block", [1, 37, 1000])
def test_the_size_of_blocks_does_not_matter(block):
    generated, real = draw(200, 0, 1.2), draw(150, 1)
    assert values(score(generated, real, block)) == values(score(generated, real))
    assert errors(score(generated, real, block)) == pytest.approx(errors(score(generated, real)))


def test_a_collapsed_model_has_precision_but_no_recall():
    """Guards the order of the arguments: swapped, this model would have recall but no precision."""
    real = draw(1000, 1)
    collapsed = real[:1] + 1e-3 * draw(1000, 0)
    result = score(collapsed, real)
    assert result.precision.value > 0.99
    assert result.recall.value < 0.01
    assert result.coverage.value < 0.05


def test_a_model_that_is_too_wide_has_recall_but_little_precision():
    result = score(draw(1000, 0, 3.0), draw(1000, 1))
    assert result.precision.value < 0.2
    assert result.recall.value > 0.9


def test_the_reference_itself_scores_full_marks():
    real = draw(300, 1)
    result = score(real, real)
    assert [result.precision.value, result.recall.value, result.coverage.value] == [1, 1, 1]


def test_a_perfect_model_has_density_one():
    assert score(draw(2000, 0), draw(2000, 1)).density.value == pytest.approx(1, abs=0.1)


def test_duplicates_count_as_inside():
    """Constant features: every distance and radius is 0, and 0 <= 0."""
    assert values(score(torch.ones(50, 4), torch.ones(50, 4)))[:2] == [1, 1]


def test_intervals_hold_the_value_and_stay_within_bounds():
    result = score(draw(500, 0, 1.5), draw(600, 1))
    for name in ("precision", "recall", "coverage"):
        part = getattr(result, name)
        assert 0 <= part.interval.low < part.value < part.interval.high <= 1
    assert result.precision.standard_error == pytest.approx(
        (result.precision.value * (1 - result.precision.value) / 500) ** 0.5
    )
    assert result.density.interval.high - result.density.value == pytest.approx(
        1.96 * result.density.standard_error, rel=1e-3
    )


def test_at_zero_and_at_one_an_interval_keeps_its_width():
    real = draw(300, 1)
    perfect, hopeless = score(real, real), score(draw(300, 0) + 100, real)
    for name in ("precision", "recall", "coverage"):
        assert getattr(perfect, name).interval.low < 1 == getattr(perfect, name).interval.high
        assert getattr(hopeless, name).interval.high > 0 == getattr(hopeless, name).interval.low


@pytest.mark.parametrize("name", ["recall", "coverage"])
@pytest.mark.parametrize(("scale", "dimension"), [(1.0, 16), (0.7, 4)])
def test_the_error_of_recall_and_coverage_is_that_of_drawing_samples_again(name, scale, dimension):
    """The reference is fixed and larger than the sample: a binomial error over its points would be half as large."""
    real = draw(2000, 10**6, 1.0, dimension)
    radii = dict(zip((3, 5), squared_radii(real, (3, 5)), strict=True))
    parts = [getattr(precision_recall(draw(300, s, scale, dimension), real, radii), name) for s in range(60)]
    spread = np.std([part.value for part in parts], ddof=1)
    assert np.mean([part.standard_error for part in parts]) == pytest.approx(spread, rel=0.35)


def test_density_interval_covers_the_value_of_a_large_sample():
    real = draw(500, 10**6)
    truth = score(draw(6000, 10**6 + 1), real).density.value
    intervals = [score(draw(300, seed), real).density.interval for seed in range(200)]
    assert 0.9 <= np.mean([low <= truth <= high for low, high in intervals]) <= 0.99


def test_precision_interval_covers_the_value_of_a_large_sample():
    real = draw(500, 10**6)
    truth = score(draw(6000, 10**6 + 1, 1.4), real).precision.value
    intervals = [score(draw(300, seed, 1.4), real).precision.interval for seed in range(200)]
    assert 0.9 <= np.mean([low <= truth <= high for low, high in intervals]) <= 0.99


def test_as_many_neighbours_as_samples():
    with pytest.raises(FewstepError, match="need more than 5 samples"):
        squared_radii(draw(5, 0), (3, 5))
