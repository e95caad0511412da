"""The one rule between network output and pixels: float in [-1, 1] <-> uint8 in 0..255."""

import numpy as np
import torch
from torch import Tensor

from fewstep.base.errors import FewstepError

RULE = "clip(round(127.5 x + 127.5))"  # stated in every result


def to_uint8(x: Tensor, indices: list[int] | None = None) -> np.ndarray:
    """Images [B, C, H, W] in [-1, 1] as uint8 [B, H, W, C]; values outside are clipped.

    Raises:
        FewstepError: an image holds NaN or infinity. It is refused, never clamped away, and named by its index.
    """
    finite = torch.isfinite(x).flatten(1).all(dim=1)
    if not finite.all():
        bad = (~finite).nonzero().flatten().tolist()
        named = [indices[i] for i in bad] if indices is not None else bad
        raise FewstepError(f"samples {_shortened(named)} hold NaN or infinite values.")
    # In float32, whatever x is in: half precision has too few digits between 128 and 255 to round rightly.
    pixels = (x.float() * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
    return pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def from_uint8(images: np.ndarray) -> Tensor:
    """Images uint8 [B, H, W, C] as float32 [B, C, H, W] in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 127.5 - 1


def grey_levels(images: Tensor) -> Tensor:
    """Images in [-1, 1] as grey levels 0..255, float64 and not rounded."""
    return 127.5 * (images.double() + 1)


def _shortened(indices: list[int]) -> str:
    first = ", ".join(str(i) for i in indices[:8])
    return first + (f" and {len(indices) - 8} more" if len(indices) > 8 else "")
