"""Scores that a method gives itself on held-out images: the hooks `evaluate` and `reconstruct` (fewstep.contract)."""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from fewstep.contract import SampleRequest
from fewstep.data import Split
from fewstep.errors import FewstepError
from fewstep.extractors.base import Extractor
from fewstep.images import from_uint8, to_uint8
from fewstep.metrics import frechet
from fewstep.metrics.features import as_features
from fewstep.models import label_tensor
from fewstep.references import Reference
from fewstep.scoring import metric_names
from fewstep.statistics import normal_interval

RECONSTRUCTION = "reconstruction_"  # begins the name of a metric of reconstructed images

Row = dict[str, str | int | float]
Batches = Callable[[], Iterator[tuple[range, Tensor, Tensor | None]]]


def score_variant(
    method: ModuleType,
    model: nn.Module,
    request: Mapping[str, Any],
    held_out: Split,
    batch: int,
    extractor: Extractor,
    reference: Reference,
) -> list[Row]:
    """One row per score of one variant: metric, value, standard_error, ci_low, ci_high (95 %), n_samples.

    Args:
        method: its module; the hooks that it does not define give no rows.
        request: `shape`, `seed`, `nfe` and `settings` of the requests that `evaluate` gets.
        held_out: images that no method was trained on.
        batch: images per call.

    Raises:
        FewstepError: a hook returned another number of values than images, or values that are not finite.
    """
    device = next(model.parameters()).device
    batches = partial(_batches, held_out, batch, device)
    rows = []
    if hasattr(method, "evaluate"):
        rows += [_mean(name, values) for name, values in _evaluate(method, model, request, batches).items()]
    if hasattr(method, "reconstruct"):
        rows += _reconstruct(method, model, batches, extractor, reference)
    return rows


def _batches(split: Split, size: int, device: torch.device) -> Iterator[tuple[range, Tensor, Tensor | None]]:
    """Indices, images in [-1, 1] and labels (or None) of consecutive images."""
    labels = label_tensor(split.labels)
    for start in range(0, len(split), size):
        here = slice(start, min(start + size, len(split)))
        images = from_uint8(split.images[here]).to(device)
        yield range(here.start, here.stop), images, None if labels is None else labels[here].to(device)


@torch.inference_mode()
def _evaluate(method: ModuleType, model: nn.Module, request: Mapping[str, Any], batches: Batches) -> dict[str, Tensor]:
    """Values [N] of every score, float64."""
    parts: dict[str, list[Tensor]] = {}
    for indices, images, labels in tqdm(batches(), desc="held-out images", unit="batch", mininterval=5):
        asked = SampleRequest(**request, indices=indices, labels=labels, device=images.device)
        for name, values in method.evaluate(model, asked, images).items():
            if values.shape != (len(images),):
                raise FewstepError(f"evaluate: {name} has shape {list(values.shape)} for {len(images)} images.")
            parts.setdefault(name, []).append(values.double().cpu())
    return {name: torch.cat(values) for name, values in parts.items()}


@torch.inference_mode()
def _reconstruct(
    method: ModuleType, model: nn.Module, batches: Batches, extractor: Extractor, reference: Reference
) -> Iterator[Row]:
    """The Frechet distance of the reconstructions, rounded to 8 bits, to the reference."""
    made = [to_uint8(method.reconstruct(model, images, labels), list(rows)) for rows, images, labels in batches()]
    features, _ = extractor.features(np.concatenate(made))
    distance = frechet.estimate(as_features(features), reference.gaussian)
    name = RECONSTRUCTION + metric_names(extractor.label)["frechet"]
    yield _row(name, distance.value, distance.standard_error, len(features))


def _mean(name: str, values: Tensor) -> Row:
    if not torch.isfinite(values).all():
        raise FewstepError(
            f"evaluate: {name} of held-out image {int((~torch.isfinite(values)).nonzero()[0])} is not finite."
        )
    return _row(name, float(values.mean()), float(values.std()) / math.sqrt(len(values)), len(values))


def _row(name: str, value: float, standard_error: float, count: int) -> Row:
    low, high = normal_interval(value, standard_error)
    return {
        "metric": name,
        "value": value,
        "standard_error": standard_error,
        "ci_low": low,
        "ci_high": high,
        "n_samples": count,
    }
