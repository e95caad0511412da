"""Scores of edited images."""

from collections.abc import Iterable, Mapping, Sequence

from fewstep.plan.edit_names import INPUT
from fewstep.sampling.shards import Shard
from fewstep.scoring.features import Features
from fewstep.scoring.metrics import frechet
from fewstep.scoring.metrics.feature_matrix import as_features
from fewstep.scoring.pairs import Truth, score_pairs
from fewstep.scoring.protocols import PIXELS
from fewstep.scoring.references import Reference
from fewstep.scoring.rows import FIXED, UNUSED, Row, exact, normal, row
from fewstep.scoring.sets import compared, metric_names

ERRORS = ("constraint_error", "constraint_error_8bit")  # before and after rounding


def score(
    features: Features,
    reference: Reference,
    extractor: Mapping[str, str],
    pairs: Iterable[Shard] = (),
    truth: Truth | None = None,
) -> list[Row]:
    """Distance to the reference and, where the task has a right answer, mean PSNR and SSIM to the true images.

    Args:
        features: of the images; extractor: identity of what made them.
        pairs: the images, for `truth`: the images that they belong to.

    Returns:
        One row per metric (fewstep.scoring.rows.row).
    """
    rows = [_distance(features, reference, extractor)]
    return rows + (score_pairs(pairs, truth) if truth else [])


def error_rows(worst: Sequence[float] | None, count: int) -> list[Row]:
    """By how many grey levels the worst of `count` images misses what is known of it, before and after rounding."""
    if worst is None:
        return []
    return [
        row(name, exact(value), count, reference=INPUT, extractor=PIXELS, protocol=PIXELS)
        for name, value in zip(ERRORS, worst, strict=True)
    ]


def _distance(features: Features, reference: Reference, extractor: Mapping[str, str]) -> Row:
    reference.require(extractor)
    design = reference.design_of(features.labels)
    found = frechet.estimate(as_features(features.features), reference.gaussian, design)
    score, drawn = normal(found.value, found.standard_error), FIXED if design else UNUSED
    name = metric_names(extractor["label"])["frechet"]
    return row(name, score, len(features.features), labels=drawn, **compared(reference))
