"""From a real image to what a method is given. The image itself goes no further than this file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from fewstep.base.errors import FewstepError
from fewstep.contract import constraints
from fewstep.contract.constraints import Constraint
from fewstep.contract.method import SampleRequest
from fewstep.images.noise import uniform
from fewstep.plan.edit_names import BOX, FACTOR, INTERPOLATION, KNOWN_PIXELS, NOISE, PATH

BRUSH = 23 / 256  # width of the median filter, as a share of the height (Meng et al. 2022, appendix C)
TONES = 3  # levels of a stroke painting in each channel: grey digits with their 6 colours would be hardly changed


@dataclass(frozen=True)
class EditTask:
    """What a method's `edit` is given beside its request: never the image that was degraded.

    Which fields are set says what is to be done. Images are float64 [B, C, H, W], nominally in [-1, 1].

    Attributes:
        name: of fewstep.plan.edit_names.TASKS.
        known: the input: an image whose unknown part is left at 0 or filled from the rest, a painting, or an image with
            noise. None if there is no input.
        constraint: what of `known` is to be kept, exactly.
        sigma: the level of the noise in `known`; it is to be removed.
        shares: [B] in 0..1; where the image lies between the noises "initial" and "other" of its request.
    """

    name: str
    known: Tensor | None = None
    constraint: Constraint | None = None
    sigma: float | None = None
    shares: Tensor | None = None

    def project(self, x: Tensor) -> Tensor:
        """x with the known content of the input; x itself where nothing is known."""
        return x if self.constraint is None else self.constraint.project(x, self.known)

    def fit(self, x: Tensor) -> Tensor:
        """The same, and within [-1, 1]: the last step of an edit."""
        return x if self.constraint is None else self.constraint.fit(x.double(), self.known)


def make(name: str, truth: Tensor, request: SampleRequest, indices: Sequence[int]) -> EditTask:
    """The task for real images `truth` [B, C, H, W] with these indices; masks and noise are those of the request.

    Raises:
        FewstepError: the images have no colour, or their side cannot be divided into squares.
    """
    if name == INTERPOLATION:
        shares = torch.tensor([i % PATH / (PATH - 1) for i in indices], dtype=torch.float64, device=truth.device)
        return EditTask(name, shares=shares)
    return EditTask(name, **_INPUTS[name](truth.double(), request))


def inpainting_box(truth: Tensor, request: SampleRequest) -> dict[str, Any]:
    """All but a square in the middle, which is 0."""
    height, width = truth.shape[-2:]
    hole = round(BOX * height)
    top, left = (height - hole) // 2, (width - hole) // 2
    known = torch.ones(height, width, dtype=torch.bool, device=truth.device)
    known[top : top + hole, left : left + hole] = False
    return {"known": truth * known, "constraint": constraints.pixels(known)}


def inpainting_pixels(truth: Tensor, request: SampleRequest) -> dict[str, Any]:
    """Some pixels of each image, in all channels; the others are 0."""
    known = uniform(request.noise("known pixels", (1, *truth.shape[-2:]))) < KNOWN_PIXELS
    return {"known": truth * known, "constraint": constraints.pixels(known)}


def colourisation(truth: Tensor, request: SampleRequest) -> dict[str, Any]:
    """The luma in all channels."""
    if truth.shape[1] != len(constraints.LUMA):
        raise FewstepError("colourisation: these images have no colour to give back; take the task out of the profile.")
    weights = torch.tensor(constraints.LUMA, dtype=truth.dtype, device=truth.device)
    luma = torch.einsum("bchw,c->bhw", truth, weights)[:, None]
    return {"known": luma.expand_as(truth), "constraint": constraints.luma()}


def super_resolution(truth: Tensor, request: SampleRequest) -> dict[str, Any]:
    """Means of squares, each repeated over its square."""
    side = truth.shape[-1]
    if side % FACTOR:
        raise FewstepError(f"super_resolution: images of {side} pixels do not divide into squares of {FACTOR}.")
    small = F.avg_pool2d(truth, FACTOR)
    known = small.repeat_interleave(FACTOR, 2).repeat_interleave(FACTOR, 3)
    return {"known": known, "constraint": constraints.means(FACTOR)}


def strokes(truth: Tensor, request: SampleRequest) -> dict[str, Any]:
    """What a brush makes of the image."""
    return {"known": painted(truth)}


def denoising(truth: Tensor, request: SampleRequest) -> dict[str, Any]:
    """The image with noise of a known level."""
    return {"known": truth + NOISE * request.noise("noise to remove").double(), "sigma": NOISE}


def painted(images: Tensor) -> Tensor:
    """A stroke painting: a median filter as wide as a brush, then TONES tones (Meng et al. 2022, appendix C)."""
    reach = max(1, round(BRUSH * images.shape[-2]) // 2)
    side = 2 * reach + 1
    wide = F.pad(images, (reach,) * 4, mode="replicate")
    windows = wide.unfold(2, side, 1).unfold(3, side, 1).flatten(-2)
    return ((windows.median(dim=-1).values + 1) / 2 * (TONES - 1)).round() / (TONES - 1) * 2 - 1


_INPUTS: dict[str, Callable[[Tensor, SampleRequest], dict[str, Any]]] = {
    function.__name__: function
    for function in (inpainting_box, inpainting_pixels, colourisation, super_resolution, strokes, denoising)
}
