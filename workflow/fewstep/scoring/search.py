"""Sampling settings that are found by search: every candidate makes validation images, the nearest to real ones wins.

The network is trained once; what is searched are settings that it is sampled with, such as its noise schedule. The
candidates are judged by the Frechet distance, since pixel errors do not follow image quality (Saharia et al. 2021),
with a seed that no score uses and, for super-resolution, on images that neither training nor a score uses.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fewstep.sampling.sampler import Sampler
from fewstep.scoring.extractors.extractor import Extractor
from fewstep.scoring.metrics import frechet
from fewstep.scoring.metrics.feature_matrix import as_features
from fewstep.scoring.metrics.frechet import Gaussian
from fewstep.scoring.metrics.moments import Moments
from fewstep.scoring.sets import metric_names

SEED = 2**31 - 1  # of the validation samples; profiles count theirs from 0
COUNT = 300  # validation images for each candidate


def candidates(search: Mapping[str, Sequence]) -> list[dict[str, Any]]:
    """Every combination of the candidates of each setting, in the card's order."""
    return [dict(zip(search, values, strict=True)) for values in itertools.product(*search.values())]


def find(
    sampler: Sampler, search: Mapping[str, Sequence], batch: int, extractor: Extractor, real: Gaussian
) -> dict[str, Any]:
    """Score every candidate of one cell.

    Args:
        sampler: of the variant and NFE that are searched; its seed and settings are those of the candidates. What it
            starts from are validation images, on a super-resolution data set.
        search: candidates by setting.
        batch: images per network call.
        real: moments of training images, of none that the sampler starts from, as the extractor sees them.

    Returns:
        `choice` (settings; of equals the first), `distance` (name of the metric), `seed`, `count`, and `scores`:
        settings, value and standard_error of each candidate.
    """
    available = sampler.condition.count
    count = COUNT if available is None else min(COUNT, available)
    # Of sorted images the first would all be of one class.
    rows = range(count) if available is None else [i * available // count for i in range(count)]
    scores = []
    for settings in candidates(search):
        candidate = replace(sampler, cell=sampler.cell._replace(seed=SEED), settings={**sampler.settings, **settings})
        images = candidate.images(list(rows), batch).images
        found = frechet.estimate(as_features(extractor.features(images, progress=False)[0]), real)
        scores.append({"settings": settings, "value": found.value, "standard_error": found.standard_error})
    best = min(scores, key=lambda score: score["value"])
    made = {"distance": metric_names(extractor.label)["frechet"], "seed": SEED, "count": count}
    return {"choice": best["settings"], **made, "scores": scores}


def moments_of(images: np.ndarray, extractor: Extractor) -> Gaussian:
    """What `find` compares with: the features of real images uint8 [N, H, W, C]."""
    return Gaussian.fit(Moments.of(as_features(extractor.features(images)[0])))
