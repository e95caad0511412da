"""Cascades beside their oracle: the same cells, the same unit, and no difference of unequal numbers of images."""

import math
from dataclasses import replace

import pytest
import synthetic

from fewstep.report.formatting import NOT_AVAILABLE
from fewstep.report.tables import oracle


def cells(found):
    """Numbers of the columns by variant and NFE."""
    keys = [column.key for column in found.quality]
    return {(row["variant"], row["nfe"]): [row[key] for key in keys] for row in found.frame.to_dict("records")}


def test_every_sampler_of_the_method_stands_beside_its_own_oracle(summary):
    found = oracle.beside_samples(summary, synthetic.evaluation())
    samples = summary.ranked.set_index(["method", "variant", "nfe"])[summary.distance.key]["ddpm"]
    assert {cell: numbers[0] for cell, numbers in cells(found).items()} == samples.to_dict()
    oracles = {cell: numbers[1] for cell, numbers in cells(found).items() if not math.isnan(numbers[1])}
    assert oracles == {("ddim", 5): 20.0, ("ddim", 9): 12.0}
    assert found.quality[0] == summary.distance and found.quality[1].quantity.label == "FD (lenet), oracle"


def test_the_difference_is_what_the_stages_below_cost_and_its_interval_is_that_of_both(summary):
    found = oracle.beside_samples(summary, synthetic.evaluation())
    samples, true, cost = found.quality
    row = found.frame[(found.frame.variant == "ddim") & (found.frame.nfe == 9)].iloc[0]
    assert row[cost.key] == pytest.approx(row[samples.key] - 12.0)
    half = {c.key: (row[c.high] - row[c.low]) / 2 for c in found.quality}
    assert half[true.key] == pytest.approx(1.96 * 0.4)
    assert half[cost.key] ** 2 == pytest.approx(half[samples.key] ** 2 + half[true.key] ** 2)


def test_other_numbers_of_images_are_not_subtracted(summary):
    found = oracle.beside_samples(summary, synthetic.evaluation().assign(n_samples=360))
    heads = [header.label for header in oracle.table(found).heads[2:]]
    assert heads == ["FD (lenet), N = 1,000", "FD (lenet), oracle, N = 360"]


def test_without_an_oracle_or_a_distance_there_is_no_table(summary):
    rows = synthetic.evaluation()
    assert oracle.beside_samples(summary, rows[~rows.metric.str.startswith("oracle")]) is None
    assert oracle.beside_samples(replace(summary, quality=()), rows) is None


def test_a_variant_without_an_oracle_is_not_left_out(summary):
    table = oracle.table(oracle.beside_samples(summary, synthetic.evaluation()))
    told = {(row.variant, row.nfe): row.cells[3].text for row in table.rows}
    assert told["ancestral", 9] == NOT_AVAILABLE and told["ddim", 5] == "20.0"


def test_the_page_shows_the_comparison_above_the_scores(page):
    html = page.read_text(encoding="utf-8")
    assert "Cascades and their oracle on mnist" in html
    assert html.index('id="oracle-table-mnist"') < html.index('id="evaluation-table-mnist"')
