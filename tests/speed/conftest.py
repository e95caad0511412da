"""A machine whose clock the tests move: no test here waits, and none depends on the speed of this one."""

from collections.abc import Callable

import numpy as np
import pytest
from torch import nn

from fewstep.speed.settings import Settings
from fewstep.speed.workload import Timer, Workload


class Machine:
    """A clock that work moves on; `slowness(now)` says how many times slower everything is at a moment."""

    calibration_seconds = 0.02

    def __init__(self):
        self.now = 0.0
        self.slowness: Callable[[float], float] = lambda now: 1.0
        self.log: list[str] = []

    def clock(self) -> float:
        return self.now

    def work(self, seconds: float, name: str) -> None:
        self.log.append(name)
        self.now += seconds * self.slowness(self.now)

    def calibrate(self) -> None:
        self.work(self.calibration_seconds, "calibration")

    @property
    def timer(self) -> Timer:
        return Timer("cpu", self.clock)

    def workload(self, name: str, overhead: float = 0.001, per_image: float = 0.01, fits: int = 10**9) -> Workload:
        """A sampler that takes `overhead + n per_image` seconds for n images, and fits `fits` of them."""

        def generate(count: int) -> np.ndarray:
            if count > fits:
                self.log.append(f"{name} failed")
                raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 byte.")
            self.work(overhead + count * per_image, name)
            return np.zeros((count, 2, 2, 1), np.uint8)

        return Workload(name, name, generate, nn.Linear(1, 1))


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def settings() -> Settings:
    return Settings(batch_sizes=(1, 4, 16), warmup_seconds=0.1, latency_seconds=50.0, round_seconds=0.05)
