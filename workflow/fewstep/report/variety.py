"""Signs of collapse of every sampler of a run."""

import pandas as pd

from fewstep import collapse
from fewstep.report import quantities
from fewstep.report.summary import CELL, FLOOR
from fewstep.results import same_inputs
from fewstep.statistics import pool_intervals


def signs(results: pd.DataFrame, dataset: str) -> dict[tuple[str, str, int], list[str]]:
    """Signs of each (method, variant, nfe) that shows some, from scores pooled over the seeds."""
    asked = results.metric.isin(collapse.METRICS) | results.metric.str.startswith(collapse.CLASS_SHARE)
    rows = results.assign(shared=same_inputs(results))
    rows = rows[asked & (rows.dataset == dataset) & (rows.method != FLOOR)]
    found = {}
    for (method, variant, nfe), cell in rows.groupby(CELL, sort=True):
        if told := collapse.signs(
            {metric: _pooled(metric, here) for metric, here in cell.groupby("metric", sort=False)}
        ):
            found[method, variant, int(nfe)] = told
    return found


def _pooled(metric: str, rows: pd.DataFrame):
    parts = (rows[name].to_numpy(float) for name in ("value", "ci_low", "ci_high"))
    return pool_intervals(*parts, limits=quantities.describe(metric).limits, shared=bool(rows.shared.iloc[0]))
