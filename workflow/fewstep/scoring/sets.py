"""All scores of one sample set against one reference, as rows of the results table."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from torch import Tensor

from fewstep.base.errors import FewstepError
from fewstep.base.statistics import Pooled
from fewstep.scoring.features import Features
from fewstep.scoring.metrics import frechet, pixel_statistics
from fewstep.scoring.metrics.class_shares import class_shares
from fewstep.scoring.metrics.duplicates import duplicate_rate
from fewstep.scoring.metrics.feature_matrix import as_features
from fewstep.scoring.metrics.frechet import FrechetEstimate
from fewstep.scoring.metrics.inception_score import inception_score, least_images
from fewstep.scoring.metrics.kid import kernel_distance
from fewstep.scoring.metrics.precision_recall import Proportion, precision_recall
from fewstep.scoring.metrics.sample_design import Design
from fewstep.scoring.protocols import protocol
from fewstep.scoring.references import Reference
from fewstep.scoring.rows import FIXED, UNIFORM, UNUSED, Row, normal, row

Scored = tuple[str, Pooled | None, str | None]  # metric, score, and why there is none


def score_set(
    samples: Features,
    reference: Reference,
    extractor: Mapping[str, str],
    drawn: str = UNUSED,
    held_out: bool = False,
) -> list[Row]:
    """Score generated images, or real ones that were held out.

    Args:
        samples: features [N, d], logits [N, K], pixel statistics [N, 2] and labels [N] or None of the images.
        reference: made by the same extractor.
        extractor: identity of the extractor that made the features (`Extractor.identity`).
        drawn: how the labels were drawn (`reference`, `uniform` or `none`), unless every class has its fixed number.
        held_out: whether the images are of the population that the reference is a sample of. Then the finite number of
            real images adds to the distance as well, and the corrected one, of equal populations, is 0.

    Returns:
        One row per metric (fewstep.scoring.rows.row). The Frechet distance comes raw, as its predicted bias at this N,
        and corrected. Where a metric cannot be given, its value is None and `reason` says why. Class shares are there
        where the extractor was trained on the data's own classes.

    Raises:
        FewstepError: values are not finite, or shapes or extractors do not match.
    """
    reference.require(extractor)
    features, logits = as_features(samples.features), as_features(samples.logits, "logits")
    if len(features) != len(logits) or features.shape[1] != reference.features.shape[1]:
        raise FewstepError(
            f"Features {list(features.shape)} and logits {list(logits.shape)} do not fit each other or the"
            f" reference's features {list(reference.features.shape)}."
        )
    dealt = reference.design_of(samples.labels)
    design = dealt or Design.independent(len(features))
    labels = FIXED if dealt else drawn
    make = partial(row, n_samples=len(features), labels=labels, **compared(reference))
    names = metric_names(extractor["label"])
    distance = frechet.estimate(features, reference.gaussian, design)
    values = [*_frechet(names["frechet"], _of_populations(distance, reference) if held_out else distance)]
    values += [*_distances(features, logits, reference, names, design), *_neighbours(features, reference, design)]
    values += [*_classes(logits, reference, extractor, design), *_pixels(samples, reference, design)]
    return [make(metric, score, reason=reason) for metric, score, reason in values]


def compared(reference: Reference) -> dict[str, str]:
    """The columns reference, extractor and protocol of scores on the features that a reference holds."""
    return {
        "reference": reference.key,
        "extractor": extractor_key(reference.extractor),
        "protocol": protocol(reference.extractor),
    }


def expected_of_real(held_out: Features, reference: Reference, count: int, drawn: str) -> Row | None:
    """The Frechet distance that `count` real images would show if they were drawn as samples are.

    Held-out images usually differ in number from the samples, or have a fixed number of each class, which brings them
    nearer to the reference: their distance is no floor of the samples'. The distance given here has their bias taken
    out and that of `count` images added. None where the held-out images are drawn as the samples are, or where the
    samples' labels are drawn in other shares than the real images have.

    Args:
        drawn: how the samples' labels are drawn (`reference` or `uniform`) where there are labels; FIXED where samples
            belong to the held-out images.

    """
    features, dealt = as_features(held_out.features), reference.design_of(held_out.labels)
    has_other_shares = drawn == UNIFORM and len(reference.labels) and not _are_even(reference.labels)
    if has_other_shares or (len(features) == count and (dealt is None or drawn == FIXED)):
        return None
    drawn = drawn if len(reference.labels) or drawn == FIXED else UNUSED
    name = metric_names(reference.extractor["label"])["frechet"]
    make = partial(row, name, n_samples=count, labels=drawn, **compared(reference))
    measured = frechet.estimate(features, reference.gaussian, dealt)
    drawn_alike = frechet.estimate(features, reference.gaussian, dealt if drawn == FIXED else None)
    if reason := measured.reason or drawn_alike.reason:
        return make(None, reason=f"of {len(features):,} held-out images, {reason}")
    scale = len(features) / count  # the bias falls as 1/N
    error = math.hypot(measured.corrected_standard_error, scale * drawn_alike.bias_standard_error)
    return make(normal(measured.corrected + scale * drawn_alike.bias, error))


def _are_even(counts: Tensor) -> bool:
    """Whether images by class [K] are dealt out evenly, up to rounding."""
    return int(counts.max() - counts.min()) <= 1


def extractor_key(identity: Mapping[str, str]) -> str:
    """How tables name an extractor (`Extractor.identity`)."""
    return "/".join(str(identity[field])[:16] for field in ("label", "resize", "weights_sha256"))


OWN_CLASSES = ("lenet",)  # extractors that tell the data's own classes apart


def metric_names(label: str) -> dict[str, str]:
    """Names of the distances and of the Inception score for an extractor's label.

    Only on the 2015 Inception network with its own resize (label "inception") are they FID, IS and KID.
    """
    if label == "inception":
        return {"frechet": "fid", "inception_score": "is", "kernel": "kid"}
    return {"frechet": f"fd_{label}", "inception_score": f"is_{label}", "kernel": f"kid_{label}"}


def _of_populations(distance: FrechetEstimate, reference: Reference) -> FrechetEstimate:
    """The estimate with the reference's own bias and error, for images of the population that it is a sample of."""
    bias, error = reference.bias
    if distance.reason is not None:
        return distance
    if math.isnan(bias):
        count = len(reference.features)
        reason = f"{count:,} images of the reference are too few to tell its own bias"
        return FrechetEstimate(distance.value, distance.standard_error, reason=reason)
    return replace(
        distance,
        bias=distance.bias + bias,
        bias_standard_error=math.hypot(distance.bias_standard_error, error),
        corrected=distance.corrected - bias,
        corrected_standard_error=math.hypot(distance.corrected_standard_error, error),
    )


def _frechet(name: str, distance: FrechetEstimate) -> Iterator[Scored]:
    yield name, normal(distance.value, distance.standard_error), None
    if distance.reason is None:
        yield f"{name}_bias", normal(distance.bias, distance.bias_standard_error), None
        yield f"{name}_corrected", normal(distance.corrected, distance.corrected_standard_error), None
    else:
        yield from ((f"{name}_{part}", None, distance.reason) for part in ("bias", "corrected"))


def _distances(
    features: Tensor, logits: Tensor, reference: Reference, names: Mapping[str, str], design: Design
) -> Iterator[Scored]:
    if names["frechet"] != "fd_rotnet":  # whose classes are rotations
        yield _inception_score(names["inception_score"], logits, design)
    kernel = kernel_distance(features, reference.features, reference.kernel, design)
    yield names["kernel"], normal(kernel.value, kernel.standard_error), None


def _inception_score(name: str, logits: Tensor, design: Design) -> Scored:
    if len(logits) < (least := least_images(logits.shape[1])):
        return name, None, f"ten splits with as many images as classes take {least:,} images"
    score = inception_score(logits, design)
    return name, normal(score.value, score.standard_error), None


def _neighbours(features: Tensor, reference: Reference, design: Design) -> Iterator[Scored]:
    centred = reference.centred(features)
    scores = precision_recall(
        centred,
        reference.centred(reference.features),
        reference.radii,
        reference.precision_recall_k,
        reference.density_coverage_k,
        design=design,
    )
    for name in ("precision", "recall", "density", "coverage"):
        yield _proportion(name, getattr(scores, name))
    yield _proportion("duplicate_rate", duplicate_rate(centred, reference.neighbour, design))


def _classes(logits: Tensor, reference: Reference, extractor: Mapping[str, str], design: Design) -> Iterator[Scored]:
    if extractor["label"] not in OWN_CLASSES:
        return
    shares = class_shares(logits, reference.classes, design)
    yield _proportion("class_coverage", shares.coverage)
    for k, share in shares.relative.items():
        yield _proportion(f"class_share_{k}", share)


def _pixels(samples: Features, reference: Reference, design: Design) -> Iterator[Scored]:
    found = pixel_statistics.relative(samples.pixels, reference.pixels, design)
    for name, score in zip(("relative_brightness", "relative_contrast"), found, strict=True):
        yield (name, None, "that of the real images is 0") if score is None else _proportion(name, score)


def _proportion(name: str, score: Proportion) -> Scored:
    return name, Pooled(score.value, score.standard_error, *score.interval), None
