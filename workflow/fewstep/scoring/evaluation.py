"""Scores that a method gives itself on held-out images: the hook `evaluate` (fewstep.contract.method)."""

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from fewstep.base.devices import device_of
from fewstep.base.errors import FewstepError
from fewstep.contract.hook_results import check_images, check_scores, check_tensor
from fewstep.contract.method import SampleRequest
from fewstep.contract.models import label_tensor
from fewstep.data import Split, dealt
from fewstep.images.pixels import from_uint8, to_uint8
from fewstep.images.resampling import downsample
from fewstep.plan.hooks import HOOK
from fewstep.scoring.extractors.extractor import Extractor
from fewstep.scoring.metrics import frechet
from fewstep.scoring.metrics.feature_matrix import as_features
from fewstep.scoring.protocols import HOOK as BY_HOOK
from fewstep.scoring.references import Reference
from fewstep.scoring.rows import FIXED, UNUSED, Row, mean, normal, row
from fewstep.scoring.sets import compared, metric_names

IMAGES = "images"  # in the name of a score that is images; its metric has the distance there

Batch = tuple[range, Tensor, Tensor | None]


def part(held_out: Split, count: int | None) -> Split:
    """The images with the `count` smallest digests, the same for every method, or all."""
    return held_out if count is None else dealt(held_out).take(np.arange(min(count, len(held_out))))


def score_variant(
    method: ModuleType,
    model: nn.Module,
    request: Mapping[str, Any],
    held_out: Split,
    batch: int,
    extractor: Extractor,
    reference: Reference,
    low_resolution: int | None = None,
) -> list[Row]:
    """One row per score of one variant (fewstep.scoring.rows.row).

    Args:
        method: its module, with the hook.
        request: `shape`, `seed`, `nfe` and `settings` of the requests that `evaluate` gets.
        held_out: images that no method was trained on.
        batch: images per call.
        low_resolution: side to which the requests hold the images reduced, on a super-resolution data set.

    Raises:
        FewstepError: the hook returned no mapping, another number of values than images, other scores for one batch
            than for another, or values that are not finite.
    """
    device = device_of(model)
    found = _evaluate(method, model, request, _batches(held_out, batch, device), low_resolution)
    return [
        _distance(name, np.concatenate(parts), held_out.labels, extractor, reference)
        if IMAGES in name
        else _mean(name, torch.cat(parts))
        for name, parts in found.items()
    ]


def _batches(split: Split, size: int, device: torch.device) -> Iterator[Batch]:
    """Indices, images in [-1, 1] and labels (or None) of consecutive images."""
    labels = label_tensor(split.labels)
    for start in range(0, len(split), size):
        here = slice(start, min(start + size, len(split)))
        images = from_uint8(split.images[here]).to(device)
        yield range(here.start, here.stop), images, None if labels is None else labels[here].to(device)


@torch.inference_mode()
def _evaluate(
    method: ModuleType,
    model: nn.Module,
    request: Mapping[str, Any],
    batches: Iterator[Batch],
    low_resolution: int | None,
) -> dict[str, list[Tensor] | list[np.ndarray]]:
    """By name and batch: values [B], float64, or images rounded to 8 bits."""
    parts: dict[str, list] = {}
    for indices, images, labels in tqdm(batches, desc="held-out images", unit="batch", mininterval=5):
        low = downsample(images, low_resolution) if low_resolution else None
        batch_request = SampleRequest(
            **request, indices=indices, labels=labels, device=images.device, low_resolution=low
        )
        scores = method.evaluate(model, batch_request, images)
        check_scores(scores, list(parts) if indices.start else None, HOOK)
        for name, values in scores.items():
            parts.setdefault(name, []).append(_checked(name, values, images, indices))
    return parts


def _checked(name: str, values: Any, images: Tensor, indices: range) -> Tensor | np.ndarray:
    """One score of a batch as float64 [B] on the CPU, or images rounded to 8 bits."""
    if IMAGES not in name:
        check_tensor(values, (len(images),), f"{HOOK}: {name}")
        return values.double().cpu()
    check_images(values, images.shape, f"{HOOK}: {name}")
    return to_uint8(values, list(indices))


def _distance(
    name: str, images: np.ndarray, labels: np.ndarray | None, extractor: Extractor, reference: Reference
) -> Row:
    features, _ = extractor.features(images)
    design = reference.design_of(labels)
    distance = frechet.estimate(as_features(features), reference.gaussian, design)
    metric = name.replace(IMAGES, metric_names(extractor.label)["frechet"])
    score, drawn = normal(distance.value, distance.standard_error), FIXED if design else UNUSED
    return row(metric, score, len(features), labels=drawn, **compared(reference))


def _mean(name: str, values: Tensor) -> Row:
    if not torch.isfinite(values).all():
        raise FewstepError(
            f"evaluate: {name} of held-out image {int((~torch.isfinite(values)).nonzero()[0])} is not finite."
        )
    return row(name, mean(values), len(values), protocol=BY_HOOK)
