"""The baseline of the regression check: a good run, reduced to what a later run can be held to."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from fewstep import collapse
from fewstep.errors import FewstepError
from fewstep.files import read_json, write_json
from fewstep.report.quantities import UNRANKED, describe, is_distance
from fewstep.results import same_inputs
from fewstep.schema import checked
from fewstep.statistics import pool_intervals

SCHEMA_VERSION = 1
QUALITY_KEY = ("dataset", "method", "variant", "nfe", "metric")
SPEED_KEY = ("dataset", "method", "variant", "nfe", "device", "dtype")  # the best batch size may move
EXACT = ("measured_nfe", "network_calls", "flops_per_image", "parameters")
_SPEED_COLUMNS = (
    *SPEED_KEY, *EXACT, "peak_memory_mib", "relative_throughput", "relative_low", "relative_high", "quality",
)  # fmt: skip


def reduce(results: pd.DataFrame, speed: pd.DataFrame) -> dict[str, Any]:
    """What workflow/schemas/baseline.schema.yaml describes.

    Args:
        results: results.csv; metrics without a better direction (the predicted bias) are left out.
        speed: speed.csv; of several batch sizes of a cell, the one with the most images/s counts.

    Raises:
        FewstepError: a cell mixes numbers of samples or extractors.
    """
    fastest = speed.sort_values("images_per_second").drop_duplicates(list(SPEED_KEY), keep="last")
    rows = fastest.sort_values(list(SPEED_KEY))[list(_SPEED_COLUMNS)]
    return {
        "schema_version": SCHEMA_VERSION,
        "quality": quality(results),
        "speed": [{name: _plain(value) for name, value in row.items()} for row in rows.to_dict("records")],
    }


def quality(results: pd.DataFrame) -> list[dict[str, Any]]:
    """Scores that have a better direction, pooled over the seeds, sorted by QUALITY_KEY.

    Those that tell a collapse are left out: a rate near 0 moves with every training, and a collapse moves distances.

    Raises:
        FewstepError: a cell mixes numbers of samples or extractors.
    """
    results = results.assign(shared=same_inputs(results))[results.reason.isna()]  # what could not be given holds nobody
    ranked = results[results.metric.map(_is_held).astype(bool)]
    groups = ranked.groupby(list(QUALITY_KEY), sort=True)
    return [_pooled(dict(zip(QUALITY_KEY, key, strict=True)), group) for key, group in groups]


def _is_held(metric: str) -> bool:
    return describe(metric).direction != UNRANKED and metric not in collapse.METRICS


def distances(results: pd.DataFrame, dataset: str, method: str, variants: Collection[str]) -> list[dict[str, Any]]:
    """The raw Frechet distances of some variants of a method, as `quality` gives them."""
    here = (results.dataset == dataset) & (results.method == method) & results.variant.isin(list(variants))
    return [row for row in quality(results[here]) if is_distance(row["metric"])]


def _pooled(key: dict[str, Any], group: pd.DataFrame) -> dict[str, Any]:
    for column in ("n_samples", "extractor"):
        if group[column].nunique() > 1:
            cell = "/".join(str(part) for part in key.values())
            raise FewstepError(f"results.csv: the seeds of {cell} differ in {column} and cannot be pooled.")
    quantity = describe(key["metric"])
    parts = (group[name].tolist() for name in ("value", "ci_low", "ci_high"))
    pooled = pool_intervals(*parts, quantity.limits, shared=bool(group.shared.iloc[0]))
    return {
        **{name: _plain(value) for name, value in key.items()},
        "value": pooled.value,
        "low": pooled.low,
        "high": pooled.high,
        "n_samples": int(group.n_samples.iloc[0]),
        "extractor": group.extractor.iloc[0],
        "seeds": sorted(group.seed.tolist()),
    }


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's, for JSON."""
    return value.item() if hasattr(value, "item") else value


def write_baseline(results: pd.DataFrame, speed: pd.DataFrame, path: str | Path) -> None:
    """Write results/baselines/<profile>.json from a run that is known to be good.

    Raises:
        FewstepError: there are no results to keep.
    """
    if results.empty:
        raise FewstepError(f"{path}: there are no results to make a baseline of.")
    write_json(path, reduce(results, speed))


def read_baseline(path: str | Path) -> dict[str, Any]:
    """Read a baseline; a missing or broken one is a FewstepError that names the file and the key."""
    return checked(read_json(path), "baseline", prefix=f"{path}: ")
