"""The one form in which metrics take features."""

import numpy as np
import torch
from torch import Tensor

from fewstep.base.errors import FewstepError


def as_features(values: np.ndarray | Tensor, name: str = "features") -> Tensor:
    """Return a finite float32 tensor [N, d], N >= 2; `name` begins the sentence of an error.

    Raises:
        FewstepError: another number of axes, fewer than two rows, or NaN or infinite values (the first row is
            named).
    """
    tensor = torch.as_tensor(values, dtype=torch.float32).contiguous()
    if tensor.ndim != 2:
        raise FewstepError(f"{name} must be [samples, values], not of shape {list(tensor.shape)}.")
    if len(tensor) < 2:
        raise FewstepError(f"{name}: a score needs at least 2 samples, not {len(tensor)}.")
    finite = torch.isfinite(tensor).all(1)
    if not finite.all():
        raise FewstepError(f"{name} of sample {int((~finite).nonzero()[0])} are not finite.")
    return tensor
