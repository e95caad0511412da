"""Which device a job runs on, and with how many threads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from fewstep.base.errors import FewstepError

if TYPE_CHECKING:
    import torch
    from torch import nn


def gpus_wanted(device: str) -> int:
    """GPUs that a job of a profile asks the workflow for; looks for the driver without importing torch."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "all") not in ("", "-1")
    return int(device == "cuda" or (device == "auto" and visible and any(Path("/dev").glob("nvidia[0-9]*"))))


def use(device: str, threads: int) -> torch.device:
    """The torch device of `auto`, `cpu` or `cuda`, with torch held to `threads` CPU threads and to full float32."""
    import torch

    torch.set_num_threads(threads)
    # TF32 rounds the inputs of every product to 10 bits; a reference run does not.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    if device == "cuda" and not torch.cuda.is_available():
        raise FewstepError("device: the profile asks for cuda, but torch sees no GPU.")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def device_of(model: nn.Module) -> torch.device:
    """Where a model's weights are; the CPU for one that has none."""
    import torch

    return next((weights.device for weights in model.parameters()), torch.device("cpu"))
