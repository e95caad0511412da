"""What the columns of the tables of a run (results, speed, extras, edits, classifiers) promise, as pandera schemas."""

import numpy as np
import pandas as pd
import pandera.pandas as pa

SCHEMA_VERSION = 2
PIXELS = "pixels"  # in place of an extractor, where images are compared with their truths
NAME = r"[a-z0-9][a-z0-9_.-]*"
# How the labels of the images came about: drawn one by one in the shares of the reference, or all classes alike; a
# fixed number of each class; or there are none that matter to the score.
LABELS = ("reference", "uniform", "fixed", "none")
RESULTS_KEY = ["dataset", "method", "variant", "nfe", "seed", "metric"]
SPEED_KEY = ["dataset", "method", "variant", "nfe", "device", "dtype", "batch"]
EXTRAS_KEY = ["dataset", "method", "variant", "nfe", "metric"]
EDITS_KEY = ["dataset", "task", "method", "variant", "nfe", "seed", "metric"]
CLASSIFIERS_KEY = ["dataset", "method", "variant", "nfe", "metric"]


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


def _ascending(*columns: str) -> pa.Check:
    """Each value is at most the next one (up to rounding); missing values are passed over."""

    def rises(table: pd.DataFrame) -> pd.Series:
        pairs = zip(columns, columns[1:], strict=False)
        slack = 1e-9 * table[list(columns)].abs().max(axis=1)
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


RESULTS = pa.DataFrameSchema(
    {
        "schema_version": _version(),
        "dataset": _text(NAME),
        "method": _text(NAME),
        "variant": _text(NAME),
        "nfe": _count(0),  # 0: held-out real images, and what methods are given to edit
        "seed": _count(0),
        **_score(),
        "labels": pa.Column(str, pa.Check.isin(LABELS, error=f"must be one of {', '.join(LABELS)}")),
        "reference": _text(),
        "extractor": _text(),
        "provenance": _text(),
    },
    checks=[
        _unique(RESULTS_KEY),
        _ascending("ci_low", "value", "ci_high"),
        _explained(),
    ],
    name="results",
)

SPEED = pa.DataFrameSchema(
    {
        "schema_version": _version(),
        "dataset": _text(NAME),
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

EXTRAS = pa.DataFrameSchema(
    {
        "schema_version": _version(),
        "dataset": _text(NAME),
        "method": _text(NAME),
        "variant": _text(NAME),
        "nfe": _count(0),  # 0: of the network, however it is sampled
        **_score(),
        "provenance": _text(),
    },
    checks=[
        _unique(EXTRAS_KEY),
        _ascending("ci_low", "value", "ci_high"),
        _explained(),
    ],
    name="extras",
)

EDITS = pa.DataFrameSchema(
    {"schema_version": _version(), "dataset": _text(NAME), "task": _text(NAME), **RESULTS.columns},
    checks=[
        _unique(EDITS_KEY),
        _ascending("ci_low", "value", "ci_high"),
        _explained(),
    ],
    name="edits",
)

CLASSIFIERS = pa.DataFrameSchema(
    {
        "schema_version": _version(),
        "dataset": _text(NAME),
        "method": _text(NAME),
        "variant": _text(NAME),
        "nfe": _count(0),  # 0: real images and controls
        **_score(),
        "fits": _count(0),  # networks that were trained for it
        "provenance": _text(),
    },
    checks=[
        _unique(CLASSIFIERS_KEY),
        _ascending("ci_low", "value", "ci_high"),
        _explained(),
    ],
    name="classifiers",
)

KEYS = {
    "results": RESULTS_KEY,
    "speed": SPEED_KEY,
    "extras": EXTRAS_KEY,
    "edits": EDITS_KEY,
    "classifiers": CLASSIFIERS_KEY,
}
