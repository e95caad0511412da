"""The baseline of the regression check: a good run, reduced to what a later run can be held to."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from fewstep.base.errors import FewstepError
from fewstep.base.files import read_json, write_json
from fewstep.base.schema import checked
from fewstep.results.pooling import pooled, with_shared
from fewstep.results.quantities import UNRANKED, describe, is_distance
from fewstep.results.views import of_samples
from fewstep.scoring.metrics import collapse

SCHEMA_VERSION = 2
CELL = ("dataset", "task", "method", "variant", "nfe")
QUALITY_KEY = (*CELL, "metric")
SPEED_KEY = (*CELL, "device", "dtype")  # the best batch size may move
PROTOCOL = ("n_samples", "extractor", "protocol")  # scores that differ in one of these are not comparable
EXACT = ("measured_nfe", "network_calls", "flops_per_image", "parameters")
# Scores in a manifest of the zoo are all of samples, of one training and one extractor.
ZOO_KEY = ("dataset", "method", "variant", "nfe", "metric")
ZOO_COLUMNS = (*ZOO_KEY, "value", "low", "high", "n_samples", "extractor", "seeds")
_SPEED_COLUMNS = (
    *SPEED_KEY, *EXACT, "peak_memory_mib", "relative_throughput", "relative_low", "relative_high", "quality",
)  # fmt: skip


def reduce(scores: pd.DataFrame, speed: pd.DataFrame) -> dict[str, Any]:
    """What workflow/schemas/baseline.schema.yaml describes.

    Args:
        scores: scores.csv; metrics without a better direction (the predicted bias) are left out.
        speed: speed.csv; of several batch sizes of a cell, the one with the most images/s counts.

    Raises:
        FewstepError: the rows of a cell differ in one of PROTOCOL.
    """
    fastest = speed.sort_values("images_per_second").drop_duplicates(list(SPEED_KEY), keep="last")
    rows = fastest.sort_values(list(SPEED_KEY))[list(_SPEED_COLUMNS)]
    return {
        "schema_version": SCHEMA_VERSION,
        "quality": quality(scores),
        "speed": [{name: _plain(value) for name, value in row.items()} for row in rows.to_dict("records")],
    }


def quality(scores: pd.DataFrame) -> list[dict[str, Any]]:
    """Scores that have a better direction, pooled over the seeds, sorted by QUALITY_KEY.

    Signs of collapse are left out: a rate near 0 moves with every training, and a collapse shows in the distances.

    Raises:
        FewstepError: the rows of a cell differ in one of PROTOCOL.
    """
    # What could not be given holds nobody.
    held = with_shared(scores)[scores.reason.isna() & scores.metric.map(_is_held).astype(bool)]
    groups = held.groupby(list(QUALITY_KEY), sort=True)
    return [_entry(dict(zip(QUALITY_KEY, key, strict=True)), rows) for key, rows in groups]


def _is_held(metric: str) -> bool:
    return describe(metric).direction != UNRANKED and metric not in collapse.METRICS


def distances(
    scores: pd.DataFrame, dataset: str, method: str, variants: Collection[str], training_seed: int = 0
) -> list[dict[str, Any]]:
    """The raw Frechet distances of samples of some variants of a method, as manifests of the zoo hold them."""
    here = (scores.dataset == dataset) & (scores.method == method) & scores.variant.isin(list(variants))
    here &= scores.training_seed == training_seed
    return [
        {name: row[name] for name in ZOO_COLUMNS}
        for row in quality(of_samples(scores[here]))
        if is_distance(row["metric"])
    ]


def _entry(key: dict[str, Any], rows: pd.DataFrame) -> dict[str, Any]:
    for column in PROTOCOL:
        if rows[column].nunique() > 1:
            cell = "/".join(str(part) for part in key.values())
            raise FewstepError(f"scores.csv: the seeds of {cell} differ in {column} and cannot be pooled.")
    found = pooled(rows)
    return {
        **{name: _plain(value) for name, value in key.items()},
        "value": found.value,
        "low": found.low,
        "high": found.high,
        **{column: _plain(rows[column].iloc[0]) for column in PROTOCOL},
        "training_seeds": sorted(rows.training_seed.unique().tolist()),
        "seeds": sorted(rows.seed.unique().tolist()),
    }


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's, for JSON."""
    return value.item() if hasattr(value, "item") else value


def write_baseline(scores: pd.DataFrame, speed: pd.DataFrame, path: str | Path) -> None:
    """Write results/baselines/<profile>.json from a run that is known to be good.

    Raises:
        FewstepError: there are no scores to keep.
    """
    if scores.empty:
        raise FewstepError(f"{path}: there are no scores to make a baseline of.")
    write_json(path, reduce(scores, speed))


def read_baseline(path: str | Path) -> dict[str, Any]:
    """Read a baseline; a missing or broken one is a FewstepError that names the file and the key."""
    return checked(read_json(path), "baseline", prefix=f"{path}: ")
