"""Edited images of one cell (method, variant, task, NFE, seed) in shards: resumable, counted, whatever the batch size.

Edited image i belongs to held-out image i in the order of `dealt`, and depends on that image, its label, the
weights, the seed, i and the NFE, and on nothing else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from fewstep import nfe as evaluations
from fewstep.contract import ImageShape, SampleRequest
from fewstep.data import Split, fingerprint
from fewstep.devices import device_of
from fewstep.editing import tasks
from fewstep.editing.names import INTERPOLATION, PATH
from fewstep.editing.tasks import EditTask
from fewstep.errors import FewstepError
from fewstep.files import sha256_array, sha256_json
from fewstep.hook_results import check_images, say_if_never_dark
from fewstep.images import RULE, from_uint8, to_uint8
from fewstep.models import label_tensor
from fewstep.shards import ranges, shard_path, valid_shard, write_shard

Edit = Callable[[nn.Module, SampleRequest, EditTask], Tensor]


@dataclass(frozen=True)
class Cell:
    """One setting of one method for one task; `settings` are those of sampling and, on top, of the edit."""

    method: str
    variant: str
    task: str
    nfe: int
    seed: int
    settings: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method}/{self.variant} {self.task} NFE {self.nfe}"

    @property
    def folder(self) -> Path:
        """Where the cell's shards live, below the method's folder."""
        return Path(self.task) / self.variant / f"nfe{self.nfe:04d}" / f"seed{self.seed}"

    def key(self, weights: str, code: str, shape: ImageShape, real: Split) -> str:
        """Digest of everything that the pixels depend on."""
        own = [self.method, self.variant, self.task, self.nfe, self.seed, dict(self.settings)]
        labels = None if real.labels is None else sha256_array(real.labels)
        return sha256_json([own, weights, code, shape.chw, shape.classes, fingerprint(real.images), labels, RULE])


class Edited(NamedTuple):
    """Images uint8 [N, H, W, C]; by how many grey levels each misses what is known, before and after rounding, float64
    [N, 2], NaN where nothing is; and evaluations per image and stage.
    """

    images: np.ndarray
    errors: np.ndarray
    nfe: dict[str, float]


def first(real: Split, count: int, key: str) -> Split:
    """The images that are edited; FewstepError if there are fewer than `count`, which `key` asks for."""
    if count > len(real):
        raise FewstepError(f"{key}: {count} images are to be edited, but only {len(real)} are held out.")
    return real.take(np.arange(count))


def others(real: Split, count: int, key: str) -> Split:
    """The images that are not edited: what edited ones are compared with, since they would look near their own truths.

    Raises:
        FewstepError: less than half as many are left as `count`, the number of edited images, which `key` asks for.
    """
    left = len(real) - count
    if left < count / 2:
        raise FewstepError(
            f"{key}: with {count} of {len(real)} held-out images edited, {left} are left to compare them with; edit at "
            f"most {2 * len(real) // 3}."
        )
    return real.take(np.arange(count, len(real)))


def batch_of(
    cell: Cell, shape: ImageShape, real: Split, indices: Sequence[int], device: torch.device | str = "cpu"
) -> tuple[SampleRequest, EditTask]:
    """What a method is given for some images; all of an interpolation's path have the index and label of its first."""
    owners = [i - i % PATH for i in indices] if cell.task == INTERPOLATION else list(indices)
    labels = label_tensor(None if real.labels is None else real.labels[owners])
    labels = None if labels is None else labels.to(device)
    request = SampleRequest(shape, cell.seed, owners, cell.nfe, cell.settings, labels, torch.device(device))
    truth = from_uint8(real.images[list(indices)]).to(device)
    return request, tasks.make(cell.task, truth, request, indices)


@torch.inference_mode()
def edit_images(
    edit: Edit, model: nn.Module, cell: Cell, shape: ImageShape, real: Split, indices: Sequence[int], batch: int
) -> Edited:
    """Edit some of the real images.

    Raises:
        FewstepError: the method gave another number or shape than it was asked for, grey levels 0..255, or an image
            that is not finite; or the evaluations counted are not the cell's NFE.
    """
    device = device_of(model)
    pixels, errors = [], []
    with evaluations.counting(model) as counted:
        for at in range(0, len(indices), batch):
            here = indices[at : at + batch]
            request, task = batch_of(cell, shape, real, here, device)
            images = edit(model, request, task)
            check_images(images, (len(here), *shape.chw), cell.name)
            pixels.append(to_uint8(images, list(here)))
            errors.append(torch.stack([_error(task, x) for x in (images, from_uint8(pixels[-1]).to(device))], dim=1))
    per_stage = counted.per_image(len(indices))
    evaluations.check_declared(sum(per_stage.values()), cell.nfe, cell.name)
    return Edited(np.concatenate(pixels), torch.cat(errors).cpu().numpy(), per_stage)


def _error(task: EditTask, images: Tensor) -> Tensor:
    if task.constraint is None:
        return torch.full((len(images),), torch.nan, dtype=torch.float64)
    return task.constraint.error(images.double(), task.known)


def edit_cell(
    edit: Edit,
    model: nn.Module,
    cell: Cell,
    shape: ImageShape,
    real: Split,
    folder: Path,
    key: str,
    shard_size: int,
    batch: int,
) -> dict[str, Any]:
    """Make the shards of a cell that are missing, corrupt or foreign; returns its entry of the manifest."""
    headers, errors = [], []
    for start, size in tqdm(ranges(len(real), shard_size), desc=cell.name, unit="shard", mininterval=2):
        path = shard_path(folder / cell.folder, start)
        header = valid_shard(path, key, start, size)
        if header is None:
            made = edit_images(edit, model, cell, shape, real, range(start, start + size), batch)
            say_if_never_dark(made.images, cell.name)
            header = write_shard(path, made.images, None, key, start, made.nfe, errors=made.errors)
        headers.append(header)
        errors.append(read_errors(path))
    worst = np.concatenate(errors).max(axis=0)
    return {
        **{name: getattr(cell, name) for name in ("variant", "task", "nfe", "seed")},
        "count": len(real),
        "key": key,
        "measured_nfe": sum(headers[0].nfe.values()),
        "constraint_error": None if np.isnan(worst).any() else worst.tolist(),
        "shards": [
            {"path": str(shard_path(cell.folder, h.start)), "start": h.start, "count": h.count, "sha256": h.sha256}
            for h in headers
        ],
    }


def read_errors(path: Path) -> np.ndarray:
    """The errors [N, 2] of `Edited` of a shard."""
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
        return stored["errors"]


def inputs(real: Split, shape: ImageShape, names: Iterable[str], seed: int) -> dict[str, np.ndarray]:
    """What methods are given, by task, rounded and clipped to 8 bits; nothing of a task without an input."""
    found = {}
    for name in names:
        _, task = batch_of(Cell("", "", name, 0, seed, {}), shape, real, range(len(real)))
        if task.known is not None:
            found[name] = to_uint8(task.known)
    return found
