"""Scores of edited images, as rows of edits.csv."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fewstep.editing.names import TASKS
from fewstep.extractors.base import Extractor
from fewstep.metrics import frechet
from fewstep.metrics.features import as_features
from fewstep.metrics.psnr import psnr
from fewstep.metrics.ssim import flat_window, gaussian_window, ssim
from fewstep.references import Reference
from fewstep.scoring import metric_names
from fewstep.statistics import normal_interval

ERRORS = ("constraint_error", "constraint_error_8bit")  # before and after rounding
TRUTH, PIXELS, NONE = "truth", "pixels", "none"  # as reference and extractor of scores that take no features

Row = dict[str, str | int | float]


def score(
    images: np.ndarray, truth: np.ndarray | None, extractor: Extractor, reference: Reference, task: str
) -> list[Row]:
    """Distance to the reference and, where the task has a right answer, mean PSNR and SSIM to the true images.

    Args:
        images, truth: uint8 [N, H, W, C].

    Returns:
        One row per metric: metric, value, standard_error, ci_low, ci_high (95 %), n_samples, reference and extractor.
    """
    rows = [_distance(images, extractor, reference)]
    if truth is not None and TASKS[task].truth:
        # The paper's window of 11 pixels leaves little or nothing of small images.
        name, window = ("ssim", gaussian_window()) if images.shape[1] >= 16 else ("ssim_7", flat_window())
        pair = _levels(images), _levels(truth)
        rows += [_mean("psnr", psnr(*pair)), _mean(name, ssim(*pair, window))]
    return rows


def error_rows(cell: Mapping[str, Any]) -> list[Row]:
    """By how many grey levels the worst image of a cell (an entry of the manifest) misses what is known."""
    if cell["constraint_error"] is None:
        return []
    return [
        row(name, value, 0.0, (value, value), cell["count"], reference=TRUTH, extractor=PIXELS)
        for name, value in zip(ERRORS, cell["constraint_error"], strict=True)
    ]


def row(metric: str, value: float, error: float, interval: tuple[float, float], count: int, **names: str) -> Row:
    """One score; `names` give reference and extractor."""
    numbers = {"value": value, "standard_error": error, "ci_low": interval[0], "ci_high": interval[1]}
    return {"metric": metric, **numbers, "n_samples": count, "reference": NONE, "extractor": NONE, **names}


def _distance(images: np.ndarray, extractor: Extractor, reference: Reference) -> Row:
    features = as_features(extractor.features(images, progress=False)[0])
    found = frechet.estimate(features, reference.gaussian)
    interval = normal_interval(found.value, found.standard_error)
    identity = "/".join(value[:16] for value in (extractor.label, extractor.resize, extractor.weights_sha256))
    name = metric_names(extractor.label)["frechet"]
    return row(
        name, found.value, found.standard_error, interval, len(images), reference=reference.key, extractor=identity
    )


def _mean(name: str, values: Tensor) -> Row:
    value, error = float(values.mean()), float(values.std()) / math.sqrt(len(values))
    return row(name, value, error, normal_interval(value, error), len(values), reference=TRUTH, extractor=PIXELS)


def _levels(images: np.ndarray) -> Tensor:
    """Grey levels as float64 [N, C, H, W]."""
    return torch.from_numpy(images.astype(np.float64)).permute(0, 3, 1, 2)
