"""Whether this machine, now, can give a number worth printing."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import torch

from fewstep.base.errors import FewstepError

_BUSY = 0.5  # of the cores
_DRIFT = 0.1
_CPU_UNITS = {"bfloat16": {"avx512_bf16", "amx_bf16", "bf16"}, "float16": {"avx512_fp16", "amx_fp16", "fphp"}}


class Load(NamedTuple):
    """How busy a machine is.

    Attributes:
        load1: runnable threads, averaged over the last minute. It still holds the job that ended just before.
        others: runnable threads besides this one, now.
    """

    load1: float
    others: float


def machine_load(stat: str | Path = "/proc/stat", samples: int = 10) -> Load:
    """Look at the machine for half a second (where there is no /proc, `others` is load1)."""
    load1 = os.getloadavg()[0]
    if not Path(stat).exists():
        return Load(load1, load1)
    running = []
    for _ in range(samples):
        lines = Path(stat).read_text(encoding="utf-8").splitlines()
        running.append(next(int(line.split()[1]) for line in lines if line.startswith("procs_running")))
        time.sleep(0.5 / samples)
    return Load(load1, sum(running) / samples - 1.0)


def quality(others: float, drift: float, cores: int | None = None) -> str:
    """`ok`, or `noisy`: the machine was busy before the start, or its speed moved by over 10 % meanwhile.

    Noisy rows are shown, and never used to rank.
    """
    cores = cores or os.cpu_count() or 1
    return "noisy" if others > _BUSY * cores or drift > _DRIFT else "ok"


@contextmanager
def cpu_threads(count: int) -> Iterator[None]:
    """Let torch use `count` threads of the CPU inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def cpu_flags(cpuinfo: str | Path = "/proc/cpuinfo") -> frozenset[str]:
    """Instruction sets of this CPU; empty where the system does not list them."""
    try:
        lines = Path(cpuinfo).read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    named = (line.partition(":")[2] for line in lines if line.lower().startswith(("flags", "features")))
    return frozenset(next(named, "").split())


def require_dtype(device: str, dtype: str, flags: frozenset[str] | None = None) -> None:
    """Refuse half precision on a CPU that would emulate it: a UNet took 33 times as long in bf16 as in fp32.

    Raises:
        FewstepError: the CPU lacks the instructions for `dtype`.
    """
    if dtype == "float32" or torch.device(device).type != "cpu":
        return
    needed = _CPU_UNITS[dtype]
    if not needed & (cpu_flags() if flags is None else flags):
        raise FewstepError(
            f"dtype {dtype}: this CPU has none of {', '.join(sorted(needed))} and would emulate it, "
            "some 30 times slower; use float32."
        )
