"""Signs of collapse of every sampler of a run."""

import pandas as pd

from fewstep.report.summary import CELL, FLOOR
from fewstep.results.pooling import pooled, with_shared
from fewstep.scoring.metrics import collapse


def signs(scores: pd.DataFrame, dataset: str) -> dict[tuple[str, str, int], list[str]]:
    """Signs of each (method, variant, nfe) that shows some, from scores of samples pooled over the seeds."""
    wanted = scores.metric.isin(collapse.METRICS) | scores.metric.str.startswith(collapse.CLASS_SHARE)
    rows = with_shared(scores)[wanted & (scores.dataset == dataset) & (scores.method != FLOOR)]
    found = {}
    for (method, variant, nfe), cell in rows.groupby(CELL, sort=True):
        by_metric = {metric: pooled(here) for metric, here in cell.groupby("metric", sort=False)}
        if shown_signs := collapse.signs(by_metric):
            found[method, variant, int(nfe)] = shown_signs
    return found
