"""What a method's hooks return is checked here, before anything is made of it: type, number, shape, range.

The functions `sample`, `edit` and `evaluate` (fewstep.contract.method) all come through this file. Whether images are
finite is checked where they are rounded (fewstep.images.pixels), which names them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from math import isfinite
from typing import Any

import numpy as np
from torch import Tensor

from fewstep.base.errors import FewstepError
from fewstep.base.marks import no_effect_on_results

BOUND = 1.5  # samplers overshoot [-1, 1] by less
GREY_LEVELS = 32  # beyond what overshooting gives: 0..255 reaches it in all but the darkest images
FEW = 0.05  # of the values; a wild pixel or two is the network's own affair, and is clipped


@no_effect_on_results
def check_images(images: Any, wanted: Sequence[int], who: str) -> None:
    """Refuse what are not floating-point images of the wanted shape [B, C, H, W] with values about [-1, 1].

    Values far outside of that range are refused if they look like grey levels 0..255: no sampler that diverges leaves
    all of its values on one side. Of others, a line on the output says that they are clipped.

    Args:
        images: what the hook returned.
        wanted: the shape that was asked for.
        who: the hook or the cell, begins the sentence.

    Raises:
        FewstepError: another type, shape or range; the sentence gives what came and what was asked for.
    """
    check_tensor(images, wanted, who)
    if not images.is_floating_point():
        raise FewstepError(f"{who} gave {_dtype(images)}; images are floating-point numbers in [-1, 1].")
    low, high = (float(bound) for bound in images.aminmax())
    if not isfinite(low + high) or (low >= -BOUND and high <= BOUND):
        return
    outside = float((images.abs() > BOUND).float().mean())
    if low >= -BOUND and high > GREY_LEVELS and outside > FEW:
        raise FewstepError(
            f"{who} gave values from {low:.4g} to {high:.4g}, which look like grey levels; images lie in [-1, 1]."
        )
    if outside > 0.5:
        _say_once(f"{who}: most values lie outside of [-{BOUND}, {BOUND}]; they are clipped to [-1, 1].")


@no_effect_on_results
def check_tensor(values: Any, wanted: Sequence[int], who: str) -> None:
    """Refuse what is no tensor of the wanted shape; FewstepError, a sentence that begins with `who`."""
    if not isinstance(values, Tensor):
        raise FewstepError(f"{who} gave {type(values).__name__} for a tensor {list(wanted)}.")
    if list(values.shape) != list(wanted):
        raise FewstepError(f"{who} gave {list(values.shape)} for {list(wanted)}.")


@no_effect_on_results
def check_scores(scores: Any, names: Sequence[str] | None, who: str) -> None:
    """Refuse what `evaluate` returned unless it has text for names, in every batch the same (`names`; None: the first).

    Raises:
        FewstepError: no mapping, or other names than those of the first batch.
    """
    if not isinstance(scores, Mapping) or not all(isinstance(name, str) for name in scores):
        raise FewstepError(f"{who} gave {type(scores).__name__} for a mapping of scores by name.")
    if names is not None and sorted(scores) != sorted(names):
        raise FewstepError(f"{who} gave {sorted(scores)} for one batch and {sorted(names)} for another.")


@no_effect_on_results
def say_if_never_dark(images: np.ndarray, who: str) -> None:
    """Say so on the output if no pixel of images uint8 [N, H, W, C] is below mid-grey: [0, 1] looks so.

    It is no error, since bright images do exist.
    """
    if images.min(initial=255) >= 128:
        _say_once(f"{who}: no value of {len(images)} images is below 0; are they in [0, 1] instead of [-1, 1]?")


def _dtype(values: Tensor) -> str:
    return str(values.dtype).removeprefix("torch.")


@cache
def _say_once(sentence: str) -> None:
    """Once for each process: timing calls a sampler many times."""
    print(sentence)
