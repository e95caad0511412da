"""Peak memory of a call."""

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only


class LiveBytes(TorchDispatchMode):
    """Bytes of the tensors that are alive, now and at their peak.

    Chosen over the resident set and the profiler because it is exact: it adds up the storages that operators
    return, so the same code gives the same number on every CPU, at any thread count, and a regression check
    may rest on it. What a kernel allocates and frees inside itself is not seen.
    """

    def __init__(self, tensors: Iterable[torch.Tensor] = ()) -> None:
        """Start with `tensors` (weights, say) counted as alive."""
        super().__init__()
        self._storages: dict[int, weakref.ref] = {}
        self.now = 0
        self.peak = 0
        for tensor in tensors:
            self._track(tensor)

    def __torch_dispatch__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        result = func(*args, **(kwargs or {}))
        tree_map_only(torch.Tensor, self._track, result)
        return result

    def _track(self, tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key not in self._storages:
            self._storages[key] = weakref.ref(storage, lambda _: self._release(key, size))
            self.now += size
            self.peak = max(self.peak, self.now)
        return tensor

    def _release(self, key: int, size: int) -> None:
        del self._storages[key]
        self.now -= size


def cuda_peak_bytes(call: Callable[[], Any], weights: int, device: str) -> int:
    """Weights plus what `call` adds at its peak, by the CUDA allocator; other models there do not count."""
    torch.cuda.synchronize(device)
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    call()
    torch.cuda.synchronize(device)
    return weights + torch.cuda.max_memory_allocated(device) - before
