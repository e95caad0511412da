import numpy as np
import pytest
import torch
from torch_fidelity.metric_isc import isc_features_to_metric

from fewstep.base.errors import FewstepError
from fewstep.scoring.metrics.inception_score import inception_score


def draw(count: int, seed: int, sharpness: float = 3.0) -> torch.Tensor:
    return sharpness * torch.randn(count, 10, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("count", [100, 1003])
def test_value_is_torch_fidelitys(count):
    logits = draw(count, seed=0)
    assert inception_score(logits).value == pytest.approx(
        isc_features_to_metric(logits)["inception_score_mean"], rel=1e-14
    )


def test_certain_and_balanced_predictions_score_the_number_of_classes():
    # 10 images a class, so that any shuffle leaves all splits certain; the bound is reached by the whole set.
    logits = 1e3 * torch.eye(10).repeat(2000, 1)
    assert inception_score(logits).value == pytest.approx(10, rel=0.01)
    assert inception_score(logits).value <= 10


def test_equal_predictions_score_one_without_error():
    score = inception_score(draw(1, seed=0).expand(100, 10))
    assert score.value == pytest.approx(1, abs=1e-12)
    assert score.standard_error == pytest.approx(0, abs=1e-12)


def test_a_class_of_probability_zero_is_no_nan():
    logits = draw(100, seed=0)
    logits[:, 3] = -1e6
    assert np.isfinite(inception_score(logits).value)


def test_standard_error_is_the_spread_over_samples():
    scores = [inception_score(draw(1000, seed)) for seed in range(300)]
    spread = np.std([score.value for score in scores])
    assert np.mean([score.standard_error for score in scores]) == pytest.approx(spread, rel=0.15)


@pytest.mark.parametrize("count", [150, 1000])
def test_standard_error_knows_how_few_images_a_split_has(count):
    """Sure classes: all that varies is the marginal distribution of a split, to second order."""
    scores = [inception_score(50 * torch.eye(10)[_classes(count, seed)]) for seed in range(300)]
    spread = np.std([score.value for score in scores])
    assert np.mean([score.standard_error for score in scores]) == pytest.approx(spread, rel=0.25)


def _classes(count: int, seed: int) -> torch.Tensor:
    return torch.randint(10, (count,), generator=torch.Generator().manual_seed(seed))


def test_fewer_images_in_a_split_than_classes_cannot_reach_the_highest_score():
    with pytest.raises(FewstepError, match="10 classes needs at least 100 samples, not 99"):
        inception_score(draw(99, seed=0))
