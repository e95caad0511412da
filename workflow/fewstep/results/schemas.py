"""What the columns of the two tables of a run, scores.csv and speed.csv, promise, as pandera schemas."""

import re

import numpy as np
import pandas as pd
import pandera.pandas as pa

from fewstep.results.bounds import bounds
from fewstep.scoring import protocols
from fewstep.scoring.protocols import NONE

SCHEMA_VERSION = 3
PIXELS = protocols.PIXELS  # in place of an extractor, where images are compared with their truths
NAME = r"[a-z0-9][a-z0-9_.-]*"
# How the labels of the images came about: drawn one by one in the shares of the reference, or all classes alike; a
# fixed number of each class; or there are none that matter to the score.
LABELS = ("reference", "uniform", "fixed", "none")
SCORES_KEY = ["dataset", "task", "method", "variant", "nfe", "training_seed", "seed", "metric"]
SPEED_KEY = ["dataset", "task", "method", "variant", "nfe", "device", "dtype", "batch"]
_DISTANCE = r"(^|_)(fid|fd|kid)(_|$)"  # in the name of a metric: a distance between two sets of features
_SLACK = 1e-9  # rounding of sums


def _text(pattern: str = ".+", nullable: bool = False) -> pa.Column:
    return pa.Column(str, pa.Check.str_matches(f"^{pattern}$", error=f"must match {pattern}"), nullable=nullable)


def _count(least: int) -> pa.Column:
    return pa.Column("int64", pa.Check.ge(least, error=f"must be at least {least}"))


def _number(least: float | None = None, nullable: bool = False) -> pa.Column:
    checks = [pa.Check(np.isfinite, error="must be finite")]
    if least is not None:
        checks.append(pa.Check.ge(least, error=f"must be at least {least:g}"))
    return pa.Column("float64", checks, nullable=nullable)


def _version() -> pa.Column:
    return pa.Column("int64", pa.Check.eq(SCHEMA_VERSION, error=f"must be {SCHEMA_VERSION}"))


def _one_of(names: tuple[str, ...]) -> pa.Column:
    return pa.Column(str, pa.Check.isin(names, error=f"must be one of {', '.join(names)}"))


def _ascending(*columns: str) -> pa.Check:
    """Each value is at most the next one (up to rounding); missing values are passed over."""

    def rises(table: pd.DataFrame) -> pd.Series:
        pairs = zip(columns, columns[1:], strict=False)
        slack = _SLACK * table[list(columns)].abs().max(axis=1)
        return pd.concat([~(table[low] > table[high] + slack) for low, high in pairs], axis=1).all(axis=1)

    return pa.Check(rises, ignore_na=False, error=f"must rise: {' <= '.join(columns)}")


def _unique(key: list[str]) -> pa.Check:
    return pa.Check(
        lambda table: ~table.duplicated(key, keep=False),
        ignore_na=False,
        error=f"must be unique: {', '.join(key)}",
    )


def _score() -> dict[str, pa.Column]:
    """A metric's value, its error, its interval and the number of images that it rests on.

    Where there is no value, `reason` says why, in words that follow "there is none:"; else it is empty.
    """
    return {
        "metric": _text(NAME),
        "value": _number(nullable=True),
        "standard_error": _number(0, nullable=True),
        "ci_low": _number(nullable=True),
        "ci_high": _number(nullable=True),
        "reason": _text(nullable=True),
        "n_samples": _count(1),
    }


def _explained() -> pa.Check:
    """A row has all of its four numbers, or none of them and a reason."""

    def one_or_the_other(table: pd.DataFrame) -> pd.Series:
        present = table[["value", "standard_error", "ci_low", "ci_high"]].notna()
        return (present.all(axis=1) & table.reason.isna()) | (~present.any(axis=1) & table.reason.notna())

    return pa.Check(one_or_the_other, ignore_na=False, error="must hold a value with its interval, or else a reason")


def _bounded() -> pa.Check:
    """No value lies outside of the limits of its metric, up to rounding."""

    def within(table: pd.DataFrame) -> pd.Series:
        limits = [bounds(metric) or (-np.inf, np.inf) for metric in table.metric]
        lows, highs = (np.array(ends, float) for ends in zip(*limits, strict=True)) if limits else (table.value,) * 2
        return ~((table.value < lows - _SLACK) | (table.value > highs + _SLACK))

    return pa.Check(within, ignore_na=False, error="must hold a value that the metric can have")


def _comparable() -> pa.Check:
    """A distance names what it compares with, the network whose features it compares, and its protocol."""

    def named(table: pd.DataFrame) -> pd.Series:
        is_distance = table.metric.map(lambda metric: re.search(_DISTANCE, metric) is not None).astype(bool)
        return ~is_distance | (table[["reference", "extractor", "protocol"]] != NONE).all(axis=1)

    return pa.Check(named, ignore_na=False, error="must name the reference, extractor and protocol of a distance")


SCORES = pa.DataFrameSchema(
    {
        "schema_version": _version(),
        "dataset": _text(NAME),
        "task": _text(rf"{NAME}(/{NAME})?"),
        "method": _text(NAME),
        "variant": _text(NAME),
        "nfe": _count(0),  # 0: real images, what methods are given to edit, and networks however they are sampled
        "training_seed": _count(0),
        "seed": _count(0),
        **_score(),
        "fits": _count(0),  # networks that were trained for the score
        "labels": _one_of(LABELS),
        "reference": _text(),
        "extractor": _text(),
        "protocol": _one_of((*protocols.MEANINGS, NONE)),
        "provenance": _text(),
    },
    checks=[
        _unique(SCORES_KEY),
        _ascending("ci_low", "value", "ci_high"),
        _explained(),
        _bounded(),
        _comparable(),
    ],
    name="scores",
)

SPEED = pa.DataFrameSchema(
    {
        "schema_version": _version(),
        "dataset": _text(NAME),
        "task": _text(rf"{NAME}(/{NAME})?"),
        "method": _text(NAME),
        "variant": _text(NAME),
        "nfe": _count(1),
        "device": _text(),
        "dtype": _text(),
        "batch": _count(1),
        "images_per_second": _number(0),
        "images_per_second_q25": _number(0),
        "images_per_second_q75": _number(0),
        "relative_throughput": _number(0),
        "relative_low": _number(0),
        "relative_high": _number(0),
        "latency_p50_ms": _number(0),
        "latency_p90_ms": _number(0),
        "latency_p99_ms": _number(0, nullable=True),  # empty where too few calls were timed
        "latency_calls": _count(1),
        "measured_nfe": _number(0),
        "network_calls": _count(0),
        "flops_per_image": _number(0),
        "stage_flops": _text(r"[^=;]+=\d+(;[^=;]+=\d+)*"),
        "parameters": _count(0),
        "peak_memory_mib": _number(0),
        "compile_seconds": _number(0),
        "load1": _number(0),
        "quality": pa.Column(str, pa.Check.isin(["ok", "noisy"], error="must be ok or noisy")),
        "hardware": _text(),
    },
    checks=[
        _unique(SPEED_KEY),
        _ascending("images_per_second_q25", "images_per_second", "images_per_second_q75"),
        _ascending("relative_low", "relative_throughput", "relative_high"),
        _ascending("latency_p50_ms", "latency_p90_ms", "latency_p99_ms"),
    ],
    name="speed",
)

SCHEMAS = {schema.name: schema for schema in (SCORES, SPEED)}
KEYS = {"scores": SCORES_KEY, "speed": SPEED_KEY}
