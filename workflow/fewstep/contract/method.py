"""The contract of a method: what Fewstep hands to `methods/<name>/method.py`, and what it expects back.

A method is a module with three functions:

    build(recipe, shape) -> nn.Module            the model that `sample` uses, untrained
    train(run) -> nn.Module                      train it (fewstep.training.loop.TrainingRun); return the model to ship
    sample(model, request) -> Tensor             images [B, C, H, W] for a SampleRequest, values nominally in [-1, 1]

and, if it has more to tell than its samples do, hooks:

    evaluate(model, request, images) -> {name: Tensor}   of held-out images [B, C, H, W]: scores [B], or images
    edit(model, request, task) -> Tensor         edited images [B, C, H, W] for a fewstep.contract.edit_tasks.EditTask

What they return is checked where it comes in (fewstep.contract.hook_results): number, shape, range, finiteness.

`request` is a SampleRequest for the batch: `labels` are those of the images, or None; its noise is for them alone. A
recipe is evaluated once, and the request has no NFE (0) and no settings. Where scores depend on how the network is
sampled, the card says `evaluate: {each: cell}`: then the hook is called for every variant and NFE that the profile
compares. `count` there limits the images, for a hook that is slow. Means, standard errors and intervals of the
scores go to scores.csv, with the task `evaluate`. Images that the hook returns, in [-1, 1], are compared with the
reference: their name must hold `images`, and the metric's name has the Frechet distance in its place
(`reconstruction_images` becomes `reconstruction_fid`). fewstep.results.quantities gives scores that it knows a label
and a direction.

What a method can edit, and in how many evaluations, its card says for each variant (`edits`); `edit` gets the settings
of sampling and, on top, those of the edit. The task holds the input and the constraint that the result must keep, never
the true image. fewstep.diffusion.editing serves models of EDM's noise levels. Scores have the task `edit/<name>`.

On a super-resolution data set (`low_resolution` in the profile: a side in pixels) sample i belongs to held-out image
i: the request holds the reduced images, `run.low_resolution` the side, to which `train` reduces the images of its
batches by fewstep.images.resampling.downsample. A method with nothing to train asks for 0 steps and returns what it
builds.

`recipe` is the section of the card for one data set (by its name or its shape) and recipe:
{"network": {...}, "training": {...}}. The model's calls are what NFE counts; a model of several networks lists them in
a ModuleDict named `stages`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor, nn

from fewstep.images import noise

if TYPE_CHECKING:
    from fewstep.contract.edit_tasks import EditTask


@dataclass(frozen=True)
class ImageShape:
    """Images of a data set: channels, height, width in pixels, and number of classes (0 = no labels)."""

    channels: int
    height: int
    width: int
    classes: int = 0

    @property
    def chw(self) -> tuple[int, int, int]:
        return self.channels, self.height, self.width


@dataclass(frozen=True)
class SampleRequest:
    """Which images to make: sample i is a function of (weights, seed, i, label, nfe) and of nothing else.

    Attributes:
        shape: of the images.
        seed: sampling seed.
        indices: image indices, one for each image of the batch.
        nfe: network evaluations per image that the result must cost.
        settings: the variant's `sampling` section of the card.
        labels: int64 [B] on `device`, or None without labels.
        low_resolution: the images to enlarge, [B, C, h, w] in [-1, 1] on `device`, on a super-resolution data set; else
            None.
        edit: what is known of the images, where they are edited; else None.
    """

    shape: ImageShape
    seed: int
    indices: Sequence[int]
    nfe: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    labels: Tensor | None = None
    device: torch.device = torch.device("cpu")
    low_resolution: Tensor | None = None
    edit: "EditTask | None" = None

    def noise(self, stream: str = "initial", shape: Sequence[int] | None = None) -> Tensor:
        """Standard normal noise [B, *shape] of a named stream, the same for an image in every batch.

        `shape` is that of the images unless given (a latent code, a smaller stage).
        """
        return noise.normal(self.seed, self.indices, stream, shape or self.shape.chw).to(self.device)

    def step_noise(self, step: int) -> Tensor:
        """Noise of sampler step `step`, float64, independent of every other step's."""
        return self.noise(f"step {step}").double()


class Method(Protocol):
    """What a method module provides (checked by `models.load_method`)."""

    def build(self, recipe: Mapping[str, Any], shape: ImageShape) -> nn.Module: ...

    def train(self, run: Any) -> nn.Module: ...

    def sample(self, model: nn.Module, request: SampleRequest) -> Tensor: ...


REQUIRED = ("build", "train", "sample")


def missing_functions(module: ModuleType) -> list[str]:
    """Names of the contract that `module` does not define as functions."""
    return [name for name in REQUIRED if not callable(getattr(module, name, None))]
