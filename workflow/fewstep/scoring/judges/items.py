"""The real images that observers compare samples with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fewstep.contract.conditions import SmallImages
from fewstep.data import read_split
from fewstep.images.pixels import to_uint8
from fewstep.images.resampling import upsample


class Items(NamedTuple):
    """Held-out images.

    Attributes:
        real: uint8 [N, H, W, C]; on a super-resolution data set those that the samples belong to, in their order.
        inputs: what the samples were made from there, None elsewhere.
    """

    real: np.ndarray
    inputs: SmallImages | None

    @property
    def truth(self) -> str | None:
        """What samples must say that they belong to (`truth` of a manifest's cell)."""
        return None if self.inputs is None else self.inputs.truth

    @property
    def shown(self) -> np.ndarray | None:
        """The inputs, enlarged to the size of the images: what is seen beside a candidate. uint8 [N, H, W, C]."""
        if self.inputs is None:
            return None
        return to_uint8(upsample(self.inputs.images[: len(self.real)], self.real.shape[1]))


def items_of(card: Mapping[str, Any], path: str | Path, count: int) -> Items:
    """Those of a test split (`path`), of which `count` samples are made with each seed."""
    split, side = read_split(path), card["low_resolution"]
    return Items(split.images[:count], SmallImages.of_split(split, side)) if side else Items(split.images, None)
