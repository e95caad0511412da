"""What a score fills of a row in the tables of a run. No torch is imported."""

from fewstep.statistics import normal_interval

Row = dict[str, str | int | float | None]

# In the column `labels`: a fixed number of each class; all classes alike; none that matters.
FIXED, UNIFORM, UNUSED = "fixed", "uniform", "none"
_COLUMNS = ("metric", "value", "standard_error", "ci_low", "ci_high", "reason")


def scored(
    metric: str,
    value: float | None,
    standard_error: float | None,
    low: float | None,
    high: float | None,
    reason: str | None = None,
) -> Row:
    """A score with its standard error and 95 % interval; where there is none, `reason` says why."""
    return dict(zip(_COLUMNS, (metric, value, standard_error, low, high, reason), strict=True))


def normal(metric: str, value: float, standard_error: float) -> Row:
    """A score with its normal interval."""
    return scored(metric, value, standard_error, *normal_interval(value, standard_error))


def undefined(metric: str, reason: str) -> Row:
    """A score that cannot be given, and why."""
    return scored(metric, None, None, None, None, reason)


def normal_row(metric: str, value: float, standard_error: float, count: int) -> Row:
    """A score of `count` images with its normal interval."""
    return normal(metric, value, standard_error) | {"n_samples": count}
