"""Class shares: counted by hand, bounded by Wilson, and a class is dropped below a quarter of its share."""

import pytest
import torch

from fewstep.base.statistics import wilson_interval
from fewstep.scoring.metrics.class_shares import class_shares, counts


def logits(*numbers: int) -> torch.Tensor:
    """Rows whose largest logit is each class, so many times."""
    return torch.eye(len(numbers)).repeat_interleave(torch.tensor(numbers), dim=0)


def test_counts():
    assert counts(logits(3, 0, 2)).tolist() == [3, 0, 2]


def test_equal_sides_have_ratio_one_and_cover_everything():
    found = class_shares(logits(20, 30, 50), torch.tensor([200, 300, 500]))
    assert [share.value for share in found.relative.values()] == pytest.approx([1, 1, 1])
    assert found.coverage.value == 1 and found.coverage.interval == (1, 1) and found.coverage.standard_error == 0


def test_shares_are_relative_to_the_real_ones_and_have_wilsons_interval():
    found = class_shares(logits(10, 90), torch.tensor([40, 60]))
    assert found.relative[0].value == pytest.approx(0.25) and found.relative[1].value == pytest.approx(1.5)
    assert found.relative[0].interval == pytest.approx([bound / 0.4 for bound in wilson_interval(10, 100)])
    assert found.relative[1].standard_error == pytest.approx((0.9 * 0.1 / 100) ** 0.5 / 0.6)


@pytest.mark.parametrize(("number", "coverage"), [(0, 0.5), (12, 0.5), (13, 1.0)])
def test_a_class_below_a_quarter_of_its_share_is_dropped(number, coverage):
    found = class_shares(logits(number, 100 - number), torch.tensor([50, 50]))
    assert found.coverage.value == coverage
    assert found.coverage.interval.low <= coverage <= found.coverage.interval.high
    assert found.coverage.interval.low == 0.5 and found.coverage.interval.high == (0.5 if number == 0 else 1.0)


def test_a_missing_class_keeps_a_width():
    share = class_shares(logits(0, 100), torch.tensor([50, 50])).relative[0]
    assert share.value == 0 and share.interval.low == 0 and share.interval.high > 0


def test_a_class_that_no_real_image_has_is_passed_over():
    found = class_shares(logits(5, 5, 5), torch.tensor([10, 0, 10]))
    assert list(found.relative) == [0, 2] and found.coverage.value == 1


def test_the_interval_of_a_share_covers():
    generator = torch.Generator().manual_seed(0)
    real = torch.tensor([300, 700])
    hits = 0
    for _ in range(200):
        drawn = torch.rand(100, generator=generator) < 0.3
        low, high = class_shares(logits(int(drawn.sum()), int((~drawn).sum())), real).relative[0].interval
        hits += low <= 1 <= high
    assert hits >= 182  # 95 % of 200 less three standard deviations
