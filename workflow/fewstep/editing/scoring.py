"""Scores of edited images, as rows of edits.csv."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fewstep.editing.names import INPUT, TASKS
from fewstep.extractors.base import Extractor
from fewstep.low_resolution import truth_of
from fewstep.metrics import frechet
from fewstep.metrics.features import as_features
from fewstep.paired_scoring import levels, paired_row, similarity
from fewstep.references import Reference
from fewstep.result_schemas import PIXELS
from fewstep.score_rows import FIXED, UNUSED, Row, normal_row, scored
from fewstep.scoring import extractor_key, metric_names

ERRORS = ("constraint_error", "constraint_error_8bit")  # before and after rounding
NONE = "none"  # as reference and extractor of what is measured of no image


def score(
    images: np.ndarray,
    labels: np.ndarray | None,
    truth: np.ndarray | None,
    extractor: Extractor,
    reference: Reference,
    task: str,
) -> list[Row]:
    """Distance to the reference and, where the task has a right answer, mean PSNR and SSIM to the true images.

    Args:
        images, truth: uint8 [N, H, W, C].
        labels: of the images, int64 [N], or None.

    Returns:
        One row per metric: metric, value, standard_error, ci_low, ci_high (95 %), n_samples, labels, reference and
        extractor.
    """
    rows = [_distance(images, labels, extractor, reference)]
    if truth is not None and TASKS[task].truth:
        pairs = similarity(levels(images), levels(truth))
        rows += [paired_row(name, values, truth_of(truth)) for name, values in pairs]
    return rows


def error_rows(cell: Mapping[str, Any]) -> list[Row]:
    """By how many grey levels the worst image of a cell (an entry of the manifest) misses what is known."""
    if cell["constraint_error"] is None:
        return []
    return [
        row(name, value, 0.0, (value, value), cell["count"], reference=INPUT, extractor=PIXELS)
        for name, value in zip(ERRORS, cell["constraint_error"], strict=True)
    ]


def row(metric: str, value: float, error: float, interval: tuple[float, float], count: int, **names: str) -> Row:
    """One score; `names` give reference and extractor."""
    common = {"n_samples": count, "labels": UNUSED, "reference": NONE, "extractor": NONE}
    return {**scored(metric, value, error, *interval), **common, **names}


def _distance(images: np.ndarray, labels: np.ndarray | None, extractor: Extractor, reference: Reference) -> Row:
    features = as_features(extractor.features(images, progress=False)[0])
    design = reference.design_of(labels)
    found = frechet.estimate(features, reference.gaussian, design)
    score = normal_row(metric_names(extractor.label)["frechet"], found.value, found.standard_error, len(images))
    return score | {
        "labels": FIXED if design else UNUSED,
        "reference": reference.key,
        "extractor": extractor_key(extractor.identity),
    }
