"""All scores of one sample set against one reference, as rows of the results table."""

import math
from collections.abc import Iterator, Mapping

from torch import Tensor

from fewstep.errors import FewstepError
from fewstep.features import Features
from fewstep.metrics import frechet, pixel_statistics
from fewstep.metrics.class_shares import class_shares
from fewstep.metrics.duplicates import duplicate_rate
from fewstep.metrics.features import as_features
from fewstep.metrics.inception_score import inception_score
from fewstep.metrics.kid import kernel_distance
from fewstep.metrics.precision_recall import Proportion, precision_recall
from fewstep.references import Reference
from fewstep.statistics import normal_interval

Row = dict[str, str | int | float]


def score_set(samples: Features, reference: Reference, extractor: Mapping[str, str]) -> list[Row]:
    """Score generated images.

    Args:
        samples: their features [N, d], logits [N, K] and pixel statistics [N, 2].
        reference: made by the same extractor.
        extractor: identity of the extractor that made the features (`Extractor.identity`).

    Returns:
        One row per metric: metric, value, standard_error, ci_low, ci_high (95 %), n_samples, reference (its key) and
        extractor. The Frechet distance comes raw, as its predicted bias at this N, and corrected; where N <= d the
        bias cannot be predicted, and the last two are absent. Class shares are there where the extractor was trained
        on the data's own classes.

    Raises:
        FewstepError: N is too small for a metric, values are not finite, or shapes or extractors do not match.
    """
    reference.require(extractor)
    features, logits = as_features(samples.features), as_features(samples.logits, "logits")
    if len(features) != len(logits) or features.shape[1] != reference.features.shape[1]:
        raise FewstepError(
            f"Features {list(features.shape)} and logits {list(logits.shape)} do not fit each other or the"
            f" reference's features {list(reference.features.shape)}."
        )
    common = {
        "n_samples": len(features),
        "reference": reference.key,
        "extractor": extractor_key(extractor),
    }
    names = metric_names(extractor["label"])
    values = [*_distances(features, logits, reference, names), *_neighbours(features, reference)]
    values += [*_classes(logits, reference, extractor), *_pixels(samples, reference)]
    return [dict(zip(_COLUMNS, row, strict=True)) | common for row in values]


def extractor_key(identity: Mapping[str, str]) -> str:
    """How tables name an extractor (`Extractor.identity`)."""
    return "/".join(str(identity[field])[:16] for field in ("label", "resize", "weights_sha256"))


OWN_CLASSES = ("lenet",)  # extractors that tell the data's own classes apart
_COLUMNS = ("metric", "value", "standard_error", "ci_low", "ci_high")


def metric_names(label: str) -> dict[str, str]:
    """Names of the distances and of the Inception score for an extractor's label.

    Only on the 2015 Inception network with its own resize (label "inception") are they FID, IS and KID.
    """
    if label == "inception":
        return {"frechet": "fid", "inception_score": "is", "kernel": "kid"}
    return {"frechet": f"fd_{label}", "inception_score": f"is_{label}", "kernel": f"kid_{label}"}


def _distances(features: Tensor, logits: Tensor, reference: Reference, names: Mapping[str, str]) -> Iterator[tuple]:
    name = names["frechet"]
    distance = frechet.estimate(features, reference.gaussian)
    yield _normal(name, distance.value, distance.standard_error)
    if distance.bias is not None:
        yield _normal(f"{name}_bias", distance.bias, distance.bias_standard_error)
        yield _normal(f"{name}_corrected", distance.corrected, distance.corrected_standard_error)
    if names["frechet"] != "fd_rotnet":  # whose classes are rotations
        score = inception_score(logits)
        yield _normal(names["inception_score"], score.value, score.standard_error)
    kernel = kernel_distance(features, reference.features, reference.kernel)
    yield _normal(names["kernel"], kernel.value, kernel.standard_error)


def _neighbours(features: Tensor, reference: Reference) -> Iterator[tuple]:
    scores = precision_recall(
        features,
        reference.features,
        reference.radii,
        reference.precision_recall_k,
        reference.density_coverage_k,
    )
    for name in ("precision", "recall", "density", "coverage"):
        yield _proportion(name, getattr(scores, name))
    yield _proportion("duplicate_rate", duplicate_rate(features, reference.neighbour))


def _classes(logits: Tensor, reference: Reference, extractor: Mapping[str, str]) -> Iterator[tuple]:
    if extractor["label"] not in OWN_CLASSES:
        return
    shares = class_shares(logits, reference.classes)
    yield _proportion("class_coverage", shares.coverage)
    for k, share in shares.relative.items():
        yield _proportion(f"class_share_{k}", share)


def _pixels(samples: Features, reference: Reference) -> Iterator[tuple]:
    brightness, contrast = pixel_statistics.relative(samples.pixels, reference.pixels)
    yield _proportion("relative_brightness", brightness)
    yield _proportion("relative_contrast", contrast)


def _proportion(name: str, score: Proportion) -> tuple:
    return name, score.value, score.standard_error, *score.interval


def _normal(name: str, value: float, standard_error: float) -> tuple:
    return name, value, standard_error, *normal_interval(value, standard_error)


def normal_row(metric: str, value: float, standard_error: float, count: int) -> Row:
    """A score of `count` images with its normal interval, but for the reference and the extractor."""
    return dict(zip(_COLUMNS, _normal(metric, value, standard_error), strict=True)) | {"n_samples": count}


def mean_row(metric: str, values: Tensor) -> Row:
    """The mean of one value per image [N] with its standard error, but for the reference and the extractor."""
    return normal_row(metric, float(values.mean()), float(values.std()) / math.sqrt(len(values)), len(values))
