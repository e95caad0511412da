"""Scores of edited images."""

from collections.abc import Iterable, Mapping, Sequence

from fewstep.editing.names import INPUT
from fewstep.features import Features
from fewstep.metrics import frechet
from fewstep.metrics.features import as_features
from fewstep.paired_scoring import Truth, score_pairs
from fewstep.references import Reference
from fewstep.result_schemas import PIXELS
from fewstep.score_rows import FIXED, UNUSED, Row, normal_row, scored
from fewstep.scoring import extractor_key, metric_names
from fewstep.shards import Shard

ERRORS = ("constraint_error", "constraint_error_8bit")  # before and after rounding
NONE = "none"  # as reference and extractor of what is measured of no image


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
        One row per metric: metric, value, standard_error, ci_low, ci_high (95 %), n_samples, labels, reference and
        extractor.
    """
    rows = [_distance(features, reference, extractor)]
    return rows + (score_pairs(pairs, truth) if truth else [])


def error_rows(worst: Sequence[float] | None, count: int) -> list[Row]:
    """By how many grey levels the worst of `count` images misses what is known of it, before and after rounding."""
    if worst is None:
        return []
    return [
        row(name, value, 0.0, (value, value), count, reference=INPUT, extractor=PIXELS)
        for name, value in zip(ERRORS, worst, strict=True)
    ]


def row(metric: str, value: float, error: float, interval: tuple[float, float], count: int, **names: str) -> Row:
    """One score; `names` give reference and extractor."""
    common = {"n_samples": count, "labels": UNUSED, "reference": NONE, "extractor": NONE}
    return {**scored(metric, value, error, *interval), **common, **names}


def _distance(features: Features, reference: Reference, extractor: Mapping[str, str]) -> Row:
    reference.require(extractor)
    design = reference.design_of(features.labels)
    found = frechet.estimate(as_features(features.features), reference.gaussian, design)
    name = metric_names(extractor["label"])["frechet"]
    return normal_row(name, found.value, found.standard_error, len(features.features)) | {
        "labels": FIXED if design else UNUSED,
        "reference": reference.key,
        "extractor": extractor_key(extractor),
    }
