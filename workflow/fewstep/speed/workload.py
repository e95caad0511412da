"""What is timed: one generator of images, and how one call of it is clocked."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from fewstep.base.errors import FewstepError


@dataclass(frozen=True)
class Workload:
    """One sampler at one NFE.

    Attributes:
        name: for messages.
        key: a digest of all that its speed depends on: method, variant, NFE, weights, code.
        generate: `generate(n)` gives n new images on the host, uint8 [n, H, W, C]: decoding, the rounding to
            uint8 and the copy from the device are part of the time.
        network: the model whose evaluations (see fewstep.contract.nfe), parameters and FLOPs are counted.
    """

    name: str
    key: str
    generate: Callable[[int], np.ndarray]
    network: nn.Module


@dataclass(frozen=True)
class Timer:
    """Wall-clock seconds of a call, with the device idle at both ends."""

    device: str = "cpu"
    clock: Callable[[], float] = time.perf_counter

    def seconds(self, call: Callable[[], Any]) -> float:
        """Seconds that `call()` takes until its work on the device is done."""
        self._synchronise()
        start = self.clock()
        call()
        self._synchronise()
        return self.clock() - start

    def _synchronise(self) -> None:
        if torch.device(self.device).type == "cuda":
            torch.cuda.synchronize(self.device)


def call_seconds(workload: Workload, batch: int, timer: Timer, calls: int = 1) -> float:
    """Seconds of `calls` successive `workload.generate(batch)`.

    Raises:
        FewstepError: the workload does not deliver `batch` uint8 images, so its time would mean nothing.
    """
    delivered: list[np.ndarray] = []
    seconds = timer.seconds(lambda: delivered.extend(workload.generate(batch) for _ in range(calls)))
    for images in delivered:
        if images.dtype != np.uint8 or len(images) != batch:
            got = f"{images.dtype} {images.shape}"
            raise FewstepError(f"{workload.name}: generate({batch}) must deliver {batch} uint8 images, not {got}.")
    return seconds


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a batch did not fit: CUDA has a type of error for it, the CPU allocator only a sentence."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


def does_not_fit(workload: Workload, batch: int) -> FewstepError:
    """The error for a workload that cannot be timed at all."""
    return FewstepError(f"{workload.name}: a batch of {batch} does not fit into memory.")
