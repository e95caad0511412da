"""Sampling settings that are found by search: every candidate makes validation images, the nearest to real ones wins.

The network is trained once; what is searched are settings that it is sampled with, such as its noise schedule. The
candidates are judged by the Frechet distance, since pixel errors do not follow image quality (Saharia et al. 2021),
with a seed that no score uses and, for super-resolution, on images that neither training nor a score uses.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from fewstep.contract import ImageShape
from fewstep.extractors.base import Extractor
from fewstep.files import read_json
from fewstep.low_resolution import Inputs
from fewstep.metrics import frechet
from fewstep.metrics.features import as_features
from fewstep.metrics.frechet import Gaussian
from fewstep.metrics.moments import Moments
from fewstep.sampling import Cell, Sample, sample_images
from fewstep.scoring import metric_names

SEED = 2**31 - 1  # of the validation samples; profiles count theirs from 0
COUNT = 300  # validation images for each candidate


def candidates(search: Mapping[str, Sequence]) -> list[dict[str, Any]]:
    """Every combination of the candidates of each setting, in the card's order."""
    return [dict(zip(search, values, strict=True)) for values in itertools.product(*search.values())]


def find(
    sample: Sample,
    model: nn.Module,
    cell: Cell,
    shape: ImageShape,
    search: Mapping[str, Sequence],
    batch: int,
    extractor: Extractor,
    real: Gaussian,
    inputs: Inputs | None = None,
) -> dict[str, Any]:
    """Score every candidate of one cell.

    Args:
        cell: variant and NFE that are searched; its seed and settings are those of the candidates.
        search: candidates by setting.
        batch: images per network call.
        real: moments of training images, of none that `inputs` shows, as the extractor sees them.
        inputs: of the validation images, on a super-resolution data set.

    Returns:
        `choice` (settings; of equals the first), `distance` (name of the metric), `seed`, `count`, and `scores`:
        settings, value and standard_error of each candidate.
    """
    count = COUNT if inputs is None else min(COUNT, len(inputs))
    # Of sorted images the first would all be of one class.
    rows = range(count) if inputs is None else [i * len(inputs) // count for i in range(count)]
    scores = []
    for settings in candidates(search):
        asked = replace(cell, seed=SEED, settings={**cell.settings, **settings})
        images, _, _ = sample_images(sample, model, asked, shape, list(rows), batch, inputs=inputs)
        found = frechet.estimate(as_features(extractor.features(images, progress=False)[0]), real)
        scores.append({"settings": settings, "value": found.value, "standard_error": found.standard_error})
    best = min(scores, key=lambda score: score["value"])
    made = {"distance": metric_names(extractor.label)["frechet"], "seed": SEED, "count": count}
    return {"choice": best["settings"], **made, "scores": scores}


def moments_of(images: np.ndarray, extractor: Extractor) -> Gaussian:
    """What `find` compares with: the features of real images uint8 [N, H, W, C]."""
    return Gaussian.fit(Moments.of(as_features(extractor.features(images)[0])))


def settled(
    sampling: Mapping[str, Any], files: Sequence[str | Path], method: str, variant: str, nfe: int
) -> dict[str, Any]:
    """Sampling settings of a variant with what was found for it.

    Args:
        sampling: the card's.
        files: artefacts of searches, <method>.<variant>.json; a variant without one searches nothing.
    """
    found = next((path for path in map(Path, files) if path.name == f"{method}.{variant}.json"), None)
    return {**sampling, **read_json(found)["nfe"][str(nfe)]["choice"]} if found else dict(sampling)
