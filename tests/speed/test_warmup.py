"""Properties of the warm-up rule."""

import itertools

from fewstep.speed.warmup import LIMIT, MAX_CALLS, MIN_CALLS, warm_up


def test_steady_calls_end_at_both_minima():
    assert warm_up(lambda: 1.0, 2.0).calls == MIN_CALLS
    assert warm_up(lambda: 0.1, 2.05).calls == 21


def test_waits_for_the_speed_to_settle():
    seconds = [8, 4, 2, 1.5, 1.2] + [1.0] * 50
    result = warm_up(iter(seconds).__next__, 10.0)
    assert result.settled
    # The first three running medians that agree are those of the calls 5 to 9 (1.2, 1, 1, 1, 1 and on).
    assert result.calls == 9


def test_one_disturbed_call_does_not_count():
    seconds = [1.0, 1.0, 1.0, 10.0, 1.0]
    assert warm_up(iter(seconds).__next__, 3.0).calls == 5


def test_a_speed_that_never_settles_ends_at_the_limit():
    growing = (2.0**i for i in itertools.count())
    result = warm_up(growing.__next__, 10.0)
    assert not result.settled
    assert result.seconds >= LIMIT * 10.0
    assert result.seconds - 2.0 ** (result.calls - 1) < LIMIT * 10.0


def test_a_very_long_call_is_made_once():
    assert warm_up(lambda: 100.0, 2.0).calls == 1


def test_ends_even_if_the_clock_stands_still():
    assert warm_up(lambda: 0.0, 1.0).calls == MAX_CALLS
