"""Sampling one cell (method, variant, NFE, seed) into shards: resumable, counted, whatever the batch size."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from fewstep import nfe as evaluations
from fewstep import noise
from fewstep.contract import ImageShape, SampleRequest
from fewstep.devices import device_of
from fewstep.files import sha256_array, sha256_json
from fewstep.hook_results import check_images, say_if_never_dark
from fewstep.images import RULE, to_uint8
from fewstep.low_resolution import Inputs
from fewstep.noise import shares
from fewstep.shards import ShardHeader, ranges, shard_path, valid_shard, write_shard

REFERENCE = "reference"  # the rule by which labels have the shares of real images

Sample = Callable[[nn.Module, SampleRequest], Tensor]


@dataclass(frozen=True)
class Cell:
    """One setting of one method, sampled with one seed.

    Attributes:
        labels: int64 [N], of all images by index; None where each image draws its own (fewstep.noise.labels).
        class_counts: images by class in whose shares labels are drawn (see `class_counts`); None for equal shares.
    """

    method: str
    variant: str
    nfe: int
    seed: int
    settings: Mapping[str, Any]
    labels: np.ndarray | None = None
    class_counts: Sequence[int] | None = None

    @property
    def folder(self) -> Path:
        """Where the cell's shards live, below the method's folder."""
        return Path(self.variant) / f"nfe{self.nfe:04d}" / f"seed{self.seed}"

    def key(self, weights: str, code: str, shape: ImageShape, inputs: Inputs | None = None) -> str:
        """Digest of everything that the pixels depend on; batch, shard and device are not among it."""
        return sha256_json(
            [
                self.method,
                self.variant,
                self.nfe,
                self.seed,
                dict(self.settings),
                weights,
                code,
                shape.chw,
                shape.classes,
                shares(self.class_counts) if self.class_counts else [1] * shape.classes,
                RULE,
                None if inputs is None else inputs.key,
                *([] if self.labels is None else [sha256_array(self.labels)]),
            ]
        )


def class_counts(card: Mapping[str, Any], rule: str, split: str) -> list[int] | None:
    """Counts by class in whose shares labels of samples are drawn; None without labels.

    Args:
        card: of the prepared data set (card.json).
        rule: `reference`, the shares of the real images that samples are compared with; `uniform`, equal shares.
        split: of these real images, `train` or `test`.
    """
    if card["class_counts"] is None:
        return None
    return card["class_counts"][split] if rule == REFERENCE else [1] * card["classes"]


def make_request(
    cell: Cell, shape: ImageShape, indices: list[int], device: torch.device, inputs: Inputs | None = None
) -> SampleRequest:
    """The request for some images of a cell.

    With `inputs` each index has the reduced image and its label; without, its label is the cell's, or comes from the
    label stream of the index.
    """
    low = labels = None
    if inputs is not None:
        low, labels = inputs.of(indices)
    elif cell.labels is not None:
        labels = torch.from_numpy(cell.labels[indices].astype(np.int64))
    elif shape.classes:
        labels = noise.labels(cell.seed, indices, cell.class_counts or [1] * shape.classes)
    low, labels = (None if tensor is None else tensor.to(device) for tensor in (low, labels))
    return SampleRequest(shape, cell.seed, indices, cell.nfe, cell.settings, labels, device, low)


@torch.inference_mode()
def sample_images(
    sample: Sample,
    model: nn.Module,
    cell: Cell,
    shape: ImageShape,
    indices: list[int],
    batch: int,
    progress: tqdm | None = None,
    inputs: Inputs | None = None,
) -> tuple[np.ndarray, np.ndarray | None, dict[str, float]]:
    """Images uint8 [N, H, W, C], labels [N] or None, and the evaluations per image and stage that were counted.

    Raises:
        FewstepError: the method gave another number or shape than it was asked for, grey levels 0..255, or a sample
            that is not finite; or the evaluations counted are not the cell's NFE.
    """
    device = device_of(model)
    pixels, labels = [], []
    with evaluations.counting(model) as counted:
        for first in range(0, len(indices), batch):
            request = make_request(cell, shape, indices[first : first + batch], device, inputs)
            images = sample(model, request)
            check_images(images, (len(request.indices), *shape.chw), f"{cell.method}/{cell.variant}")
            pixels.append(to_uint8(images, list(request.indices)))
            if request.labels is not None:
                labels.append(request.labels.cpu().numpy())
            if progress is not None:
                progress.update(len(request.indices))
    per_stage = counted.per_image(len(indices))
    evaluations.check_declared(sum(per_stage.values()), cell.nfe, f"{cell.method}/{cell.variant}")
    return np.concatenate(pixels), np.concatenate(labels) if labels else None, per_stage


def sample_cell(
    sample: Sample,
    model: nn.Module,
    cell: Cell,
    shape: ImageShape,
    folder: Path,
    key: str,
    count: int,
    shard_size: int,
    batch: int,
    inputs: Inputs | None = None,
) -> dict[str, Any]:
    """Make the shards of a cell that are missing, corrupt or foreign; returns its entry of the sample manifest.

    With `inputs`, sample i starts from image i of theirs; the entry's `truth` says which images these are.
    """
    headers: list[ShardHeader] = []
    began, made = time.monotonic(), 0
    title = f"{cell.method}/{cell.variant} NFE {cell.nfe} seed {cell.seed}"
    with tqdm(total=count, desc=title, unit="image", mininterval=2) as progress:
        for start, size in ranges(count, shard_size):
            path = shard_path(folder / cell.folder, start)
            header = valid_shard(path, key, start, size)
            if header is None:
                indices = list(range(start, start + size))
                images, labels, counted = sample_images(sample, model, cell, shape, indices, batch, progress, inputs)
                say_if_never_dark(images, title)
                header = write_shard(path, images, labels, key, start, counted)
                made += size
            else:
                progress.update(size)
            headers.append(header)
    return {
        "variant": cell.variant,
        "nfe": cell.nfe,
        "seed": cell.seed,
        "count": count,
        "key": key,
        "truth": None if inputs is None else inputs.truth,
        "measured_nfe": sum(headers[0].nfe.values()),
        "stage_nfe": headers[0].nfe,
        "seconds": round(time.monotonic() - began, 3) if made else None,
        "shards": [
            {"path": str(shard_path(cell.folder, h.start)), "start": h.start, "count": h.count, "sha256": h.sha256}
            for h in headers
        ],
    }
