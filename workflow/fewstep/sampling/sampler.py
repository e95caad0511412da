"""Images of one cell: the same for every batch, counted and checked; and in shards, which a cut-off run resumes."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from fewstep.base.devices import device_of
from fewstep.base.files import sha256_json
from fewstep.contract import nfe as evaluations
from fewstep.contract.conditions import Condition
from fewstep.contract.hook_results import check_images, say_if_never_dark
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.images.pixels import RULE, from_uint8, to_uint8
from fewstep.plan.cells import Cell
from fewstep.sampling.shards import ranges, shard_path, valid_shard, write_shard

Make = Callable[[nn.Module, SampleRequest], Tensor]


class Made(NamedTuple):
    """Some images of a cell.

    Attributes:
        images: uint8 [N, H, W, C].
        labels: int64 [N], or None.
        nfe: evaluations per image and stage, as counted.
        errors: by how many grey levels each edited image misses what is known of it, before and after rounding,
            float64 [N, 2]; NaN where nothing is known, None where nothing is edited.
    """

    images: np.ndarray
    labels: np.ndarray | None
    nfe: dict[str, float]
    errors: np.ndarray | None


def maker(method: ModuleType, cell: Cell) -> Make:
    """The function of a method that makes the images of a cell: `sample`, or `edit` with the request's task."""
    if cell.edit:
        return lambda model, request: method.edit(model, request, request.edit)
    return method.sample


@dataclass(frozen=True)
class Sampler:
    """A cell with all that makes its images.

    Attributes:
        make: from a model and a request to images, see `maker`.
        settings: of the variant and, on top, those that a search found or an edit asks for.
    """

    cell: Cell
    make: Make
    model: nn.Module
    shape: ImageShape
    condition: Condition
    settings: Mapping[str, Any]

    def key(self, weights: str, code: str) -> str:
        """Digest of everything that the pixels depend on; batch, shard and device are not among it."""
        own = [self.cell.method, self.cell.variant, self.cell.edit, self.cell.nfe, self.cell.seed, dict(self.settings)]
        return sha256_json([own, weights, code, self.shape.chw, self.shape.classes, RULE, self.condition.key])

    def request(self, indices: Sequence[int]) -> SampleRequest:
        """The request for some images."""
        device = device_of(self.model)
        return self.condition.of(
            SampleRequest(self.shape, self.cell.seed, list(indices), self.cell.nfe, self.settings, device=device)
        )

    @torch.inference_mode()
    def images(self, indices: Sequence[int], batch: int, progress: tqdm | None = None) -> Made:
        """Make images, `batch` in each call of the method.

        Raises:
            FewstepError: the method gave another number or shape than it was asked for, grey levels 0..255, or an image
                that is not finite; or the evaluations counted are not the cell's NFE.
        """
        pixels, labels, errors = [], [], []
        with evaluations.counting(self.model) as counted:
            for first in range(0, len(indices), batch):
                here = indices[first : first + batch]
                request = self.request(here)
                images = self.make(self.model, request)
                check_images(images, (len(here), *self.shape.chw), self.cell.name)
                pixels.append(to_uint8(images, list(here)))
                labels += [] if request.labels is None else [request.labels.cpu().numpy()]
                errors += [] if request.edit is None else [_errors(request, images, pixels[-1])]
                if progress is not None:
                    progress.update(len(here))
        per_stage = counted.per_image(len(indices))
        evaluations.check_declared(sum(per_stage.values()), self.cell.nfe, self.cell.name)
        joined = (np.concatenate(parts) if parts else None for parts in (labels, errors))
        labels, errors = joined
        return Made(np.concatenate(pixels), labels, per_stage, errors)


def _errors(request: SampleRequest, images: Tensor, pixels: np.ndarray) -> np.ndarray:
    task = request.edit
    if task.constraint is None:
        return np.full((len(images), 2), np.nan)
    exact, rounded = images.double(), from_uint8(pixels).to(images.device).double()
    return torch.stack([task.constraint.error(x, task.known) for x in (exact, rounded)], dim=1).cpu().numpy()


def sample_cell(
    sampler: Sampler, folder: Path, key: str, start: int, count: int, shard_size: int, batch: int
) -> dict[str, Any]:
    """Make the shards of a range of images that are missing, corrupt or foreign; returns an entry of the manifest.

    Args:
        folder: of the method's samples; paths of shards are relative to it.
        key: see `Sampler.key`.
        start, count: the range.
        shard_size: images of a shard; batch: images of a call.
    """
    began, made = time.monotonic(), 0
    headers, entries, worst = [], [], []
    for path, first, size, progress in _progress(sampler.cell, start, count, shard_size):
        header = valid_shard(folder / path, key, first, size)
        if header is None:
            found = sampler.images(range(first, first + size), batch, progress)
            say_if_never_dark(found.images, sampler.cell.name)
            header = write_shard(folder / path, *found[:2], key, first, found.nfe, found.errors)
            made += size
        else:
            progress.update(size)
        headers.append(header)
        worst += [] if header.worst is None else [header.worst]
        entries.append({"path": str(path), "start": first, "count": size, "sha256": header.sha256})
    return {
        **sampler.cell._asdict(),
        "start": start,
        "count": count,
        "key": key,
        "truth": sampler.condition.truth,
        "measured_nfe": sum(headers[0].nfe.values()),
        "stage_nfe": headers[0].nfe,
        "constraint_error": np.max(worst, axis=0).tolist() if worst else None,
        "seconds": round(time.monotonic() - began, 3) if made else None,
        "shards": entries,
    }


def _progress(cell: Cell, start: int, count: int, shard_size: int) -> Iterator[tuple[Path, int, int, tqdm]]:
    """Path, first index and size of every shard of a range, with a bar that counts images."""
    with tqdm(total=count, desc=cell.name, unit="image", mininterval=2) as progress:
        for first, size in ranges(count, shard_size):
            yield shard_path(cell.folder, start + first), start + first, size, progress
