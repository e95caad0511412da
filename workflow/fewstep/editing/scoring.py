"""Scores of edited images, as rows of scores.csv."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fewstep.editing.names import INPUT, TASKS
from fewstep.extractors.base import Extractor
from fewstep.low_resolution import truth_of
from fewstep.metrics import frechet
from fewstep.metrics.features import as_features
from fewstep.paired_scoring import levels, paired_row, similarity
from fewstep.protocols import PIXELS
from fewstep.references import Reference
from fewstep.score_rows import FIXED, UNUSED, Row, exact, normal, row
from fewstep.scoring import compared, metric_names

ERRORS = ("constraint_error", "constraint_error_8bit")  # before and after rounding


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
        One row per metric (fewstep.score_rows.row).
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
        row(name, exact(value), cell["count"], reference=INPUT, extractor=PIXELS, protocol=PIXELS)
        for name, value in zip(ERRORS, cell["constraint_error"], strict=True)
    ]


def _distance(images: np.ndarray, labels: np.ndarray | None, extractor: Extractor, reference: Reference) -> Row:
    features = as_features(extractor.features(images, progress=False)[0])
    design = reference.design_of(labels)
    found = frechet.estimate(features, reference.gaussian, design)
    score = normal(found.value, found.standard_error)
    drawn = FIXED if design else UNUSED
    return row(metric_names(extractor.label)["frechet"], score, len(images), labels=drawn, **compared(reference))
