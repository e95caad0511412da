"""Best, second, ties and the Pareto front."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewstep.report.ranking import BEST, SECOND, TIE, pareto, rank

NAN = math.nan


def marks(values, half=0.0, direction=-1):
    values = np.array(values, float)
    return [set(found) for found in rank(values, values - half, values + half, direction)]


@pytest.mark.parametrize(("direction", "expected"), [(-1, [{BEST}, {SECOND}, set()]), (1, [set(), {SECOND}, {BEST}])])
def test_best_and_second_follow_the_direction(direction, expected):
    assert marks([1, 2, 3], direction=direction) == expected


def test_an_unranked_quantity_has_no_best():
    assert marks([1, 2, 3], direction=0) == [set()] * 3


def test_nothing_is_ranked_where_nothing_differs():
    assert marks([2, 2, 2]) == [set()] * 3
    assert marks([2, NAN]) == [set()] * 2


def test_exactly_equal_values_are_all_best_and_the_next_value_is_second():
    assert marks([1, 1, 5]) == [{BEST}, {BEST}, {SECOND}]


def test_a_tie_is_a_difference_whose_interval_holds_zero():
    # Half-widths of 1 add to sqrt(2): 1.4 is within, 1.5 is not, though the two intervals overlap.
    assert marks([0, 1.4, 1.5], half=1) == [{BEST}, {SECOND, TIE}, set()]


def test_a_missing_bound_is_no_spread():
    found = rank([1.0, 1.2, 3.0], [NAN, 1.1, NAN], [NAN, 1.3, NAN], -1)
    assert found == [{BEST}, {SECOND}, frozenset()]


def test_missing_values_take_part_in_nothing():
    assert marks([NAN, 2, 1, NAN]) == [set(), {SECOND}, {BEST}, set()]


points = st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=1, max_size=30)


@given(points)
def test_pareto_front_is_what_nobody_beats(points):
    def beats(a, b):
        return a[0] <= b[0] and a[1] >= b[1] and a != b

    front = {points[i] for i in pareto(*zip(*points, strict=True))}
    assert front == {p for p in points if not any(beats(q, p) for q in points)}


def test_pareto_front_is_a_staircase_without_gaps_in_the_data():
    costs, benefits = [3, NAN, 1, 2, 5], [9, 9, 1, 5, NAN]
    assert pareto(costs, benefits) == [0, 3, 2]
