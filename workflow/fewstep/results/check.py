"""The regression check: a run against its baseline, by what does not move from run to run.

Every row of scores.csv that has a better direction and every row of speed.csv counts: of samples, edits, scores that
methods give themselves, classifiers and observers.

    quality        pooled over seeds: worse beyond the combined 95 % interval *and* beyond QUALITY_TOLERANCE
    measured_nfe, network_calls, flops_per_image, parameters: any change
    peak memory    more than MEMORY_TOLERANCE above the baseline
    throughput     the ratio to the calibration network of the same rounds: intervals apart *and* below
                   1 - SPEED_TOLERANCE of the baseline; rows marked noisy are not judged

    the zoo        distances of samples of weights that ship, against those of the run that trained them: worse beyond
                   the combined 95 % interval, where samples, seeds and extractor are the same

Absolute times are never compared. A row that is missing fails, and so does a check that compared nothing.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fewstep.plan.zoo import read_manifest
from fewstep.results.baseline import (
    CELL,
    EXACT,
    PROTOCOL,
    QUALITY_KEY,
    SPEED_KEY,
    ZOO_KEY,
    quality,
    read_baseline,
    reduce,
)
from fewstep.results.quantities import HIGHER, describe
from fewstep.results.tables import read_scores, read_speed
from fewstep.results.views import of_samples

# Training again on another processor moves a score by more than its sampling interval, which knows one
# network.
QUALITY_TOLERANCE = 0.25
MEMORY_TOLERANCE = 0.10
# The ratio to the calibration network moves with caches and load (16 % between two runs of the same code on a
# shared machine), so that this finds blunders alone.
SPEED_TOLERANCE = 0.50

FAILURES = ("regression", "changed", "missing", "not comparable")
NOT_JUDGED = ("new", "noisy", "other protocol")
COLUMNS = [*CELL, "quantity", "baseline", "now", "change", "verdict", "note"]

Row = Mapping[str, Any]


def compare(scores: pd.DataFrame, speed: pd.DataFrame, baseline: Mapping[str, Any]) -> pd.DataFrame:
    """Every comparison as a row of COLUMNS.

    Args:
        scores, speed: the tables of the run.
        baseline: from `read_baseline`.

    Returns:
        `change` is (now - baseline) / |baseline|, NaN where one is missing; `verdict` is ok, improved, noisy,
        new, or one of FAILURES.
    """
    now = reduce(scores, speed)
    rows = _pair(now["quality"], baseline["quality"], QUALITY_KEY, _compare_quality)
    rows += _pair(now["speed"], baseline["speed"], SPEED_KEY, _compare_speed)
    return pd.DataFrame(rows, columns=COLUMNS)


def compare_zoo(scores: pd.DataFrame, manifests: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as `compare` gives them, of the scores in manifests of the zoo that this run has too.

    The network is the same, so that the interval alone decides. Scores of other counts, seeds or extractors say nothing
    (verdict "other protocol").
    """
    samples = of_samples(scores)
    pairs = []
    for manifest in manifests:
        trained = quality(samples[samples.training_seed == manifest["seed"]])
        now = {tuple(row[name] for name in ZOO_KEY): row for row in trained}
        found = ((old, tuple(old[name] for name in ZOO_KEY)) for old in manifest.get("scores", ()))
        pairs += [(old, now[key]) for old, key in found if key in now]
    rows = []
    for old, new in pairs:
        verdict, note = _quality_verdict(old, new, tolerance=0.0)
        if verdict in ("not comparable", "missing"):
            verdict = "other protocol"
        rows.append(_delta(new, f"{old['metric']} (zoo)", old["value"], new["value"], verdict, note))
    return pd.DataFrame(rows, columns=COLUMNS)


def failed(deltas: pd.DataFrame) -> bool:
    """Whether the run fails: a verdict of FAILURES, or nothing that was compared."""
    return bool(deltas.verdict.isin(FAILURES).any() or deltas.verdict.isin(NOT_JUDGED).all())


def run(scores: str | Path, speed: str | Path, baseline: str | Path, zoo: Iterable[str | Path] = ()) -> bool:
    """Read the files, print the deltas and a last line with the outcome, and tell whether the run failed.

    Args:
        zoo: manifests of the networks that the run took from the zoo. Where there are some, the baseline may be absent.

    Raises:
        FewstepError: a file is missing or broken.
    """
    table, manifests = read_scores(scores), [read_manifest(path) for path in zoo]
    parts = [compare_zoo(table, manifests)] if manifests else []
    if Path(baseline).exists() or not manifests:
        parts.insert(0, compare(table, read_speed(speed), read_baseline(baseline)))
    else:
        print(f"{baseline}: there is no such file; only weights of the zoo are compared with their manifests.")
    deltas = pd.concat(parts, ignore_index=True)
    has_failed = failed(deltas)
    print(render(deltas))
    counts = ", ".join(f"{count} {verdict}" for verdict, count in deltas.verdict.value_counts().items())
    print(f"{baseline}: {counts or 'nothing was compared'}: {'FAILED' if has_failed else 'passed'}.")
    return has_failed


def render(deltas: pd.DataFrame) -> str:
    """The deltas as aligned plain text, the failures last."""
    ordered = deltas.sort_values("verdict", key=lambda verdicts: verdicts.isin(FAILURES), kind="stable")
    lines = [[_cell(row[column], column) for column in COLUMNS] for row in ordered.to_dict("records")]
    widths = [max(map(len, texts)) for texts in zip(COLUMNS, *lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in [COLUMNS, *lines])


def _cell(value: Any, column: str) -> str:
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return "-"
    return f"{value:+.1%}" if column == "change" else f"{value:.6g}"


def _pair(
    now: list[Row], baseline: list[Row], key: tuple[str, ...], compare_rows: Callable[[Row, Row], list[dict]]
) -> list[dict]:
    """Compare rows of equal key; what only one side has is missing or new."""
    new_rows = {tuple(row[name] for name in key): row for row in now}
    old_rows = {tuple(row[name] for name in key): row for row in baseline}
    compared = []
    for identity, old in old_rows.items():
        if identity in new_rows:
            compared += compare_rows(old, new_rows[identity])
        else:
            compared.append(_alone(old, "missing"))
    return compared + [_alone(row, "new") for identity, row in new_rows.items() if identity not in old_rows]


def _alone(row: Row, verdict: str) -> dict:
    value = float(row["value"]) if "metric" in row else math.nan
    quantity = row.get("metric") or f"speed ({row['device']}, {row['dtype']})"
    old, new = (value, math.nan) if verdict == "missing" else (math.nan, value)
    return _delta(row, quantity, old, new, verdict)


def _delta(row: Row, quantity: str, old: float, new: float, verdict: str, note: str = "") -> dict:
    cell = {name: row[name] for name in CELL}
    change = (new - old) / abs(old) if old else (0.0 if new == old else math.nan)
    return cell | {
        "quantity": quantity, "baseline": float(old), "now": float(new), "change": change, "verdict": verdict,
        "note": note,
    }  # fmt: skip


def _compare_quality(old: Row, new: Row) -> list[dict]:
    verdict, note = _quality_verdict(old, new)
    return [_delta(old, old["metric"], old["value"], new["value"], verdict, note)]


def _quality_verdict(old: Row, new: Row, tolerance: float = QUALITY_TOLERANCE) -> tuple[str, str]:
    for column in PROTOCOL:
        if column in old and old[column] != new[column]:
            return "not comparable", f"{column} was {old[column]}, is {new[column]}"
    for column, name in (("training_seeds", "training seed"), ("seeds", "seed")):
        if absent := set(old.get(column, ())) - set(new[column]):
            return "missing", f"{name} {', '.join(map(str, sorted(absent)))}"
    difference = new["value"] - old["value"]
    combined = math.hypot(*((row["high"] - row["low"]) / 2 for row in (old, new)))
    if abs(difference) <= max(combined, tolerance * abs(old["value"])):
        return "ok", ""
    is_better = (difference > 0) == (describe(old["metric"]).direction == HIGHER)
    return ("improved" if is_better else "regression"), f"combined interval {combined:.3g}"


def _compare_speed(old: Row, new: Row) -> list[dict]:
    same = {name: math.isclose(old[name], new[name], rel_tol=1e-9) for name in EXACT}
    verdicts = {name: "ok" if is_same else "changed" for name, is_same in same.items()}
    verdicts["peak_memory_mib"] = _memory_verdict(old["peak_memory_mib"], new["peak_memory_mib"])
    verdicts["relative_throughput"] = _throughput_verdict(old, new)
    return [_delta(old, name, old[name], new[name], verdict) for name, verdict in verdicts.items()]


def _memory_verdict(old: float, new: float) -> str:
    if abs(new - old) <= MEMORY_TOLERANCE * old:
        return "ok"
    return "regression" if new > old else "improved"


def _throughput_verdict(old: Row, new: Row) -> str:
    if "noisy" in (old["quality"], new["quality"]):
        return "noisy"
    before, after = old["relative_throughput"], new["relative_throughput"]
    if new["relative_high"] < old["relative_low"] and after < (1 - SPEED_TOLERANCE) * before:
        return "regression"
    if new["relative_low"] > old["relative_high"] and before < (1 - SPEED_TOLERANCE) * after:
        return "improved"
    return "ok"
