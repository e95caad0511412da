"""The targets of a profile: what a data set has no numbers for is not promised."""

import pytest

from fewstep.config import CLASSIFIED
from fewstep.report.names import tables_of

PLAIN = {"compare": {"edm/heun": [5]}, "low_resolution": None}
CARDS = {"edm": {"variants": {"heun": {}}}, "sr3": {"variants": {"ancestral": {"search": {"grid": {}}}}}}


@pytest.mark.parametrize("score", CLASSIFIED)
def test_tables_of_classifiers_come_with_their_scores_alone(score):
    assert "classifiers" not in tables_of(PLAIN, CARDS)
    assert set(tables_of(PLAIN | {score: {}}, CARDS)) - set(tables_of(PLAIN, CARDS)) == {"classifiers"}


def test_tables_of_searches_come_with_a_searched_variant_alone():
    searched = PLAIN | {"compare": {"edm/heun": [5], "sr3/ancestral": [8]}}
    assert set(tables_of(searched, CARDS)) - set(tables_of(PLAIN, CARDS)) == {"searched"}
