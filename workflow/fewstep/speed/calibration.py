"""A fixed network whose speed stands for the machine's at the moment of a measurement.

It is convolutional, like what it is compared with: a matrix product suffers differently from other jobs on
the same machine, and would correct too much.
"""

from collections.abc import Callable
from statistics import median

import torch
from torch import nn

from fewstep.speed.workload import Timer

IMAGES = 8  # per forward; with the widths below 0.6 GFLOP, some 10 ms on one core
_REPEATS = 3
_CHANNELS = 32
_RESOLUTION = 32


def network_forward(device: str) -> Callable[[], torch.Tensor]:
    """One forward pass of the calibration network (fp32, eager, seeded weights) over `IMAGES` images."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers: list[nn.Module] = [nn.Conv2d(3, _CHANNELS, 3, padding=1)]
        for _ in range(4):
            layers += [nn.GroupNorm(8, _CHANNELS), nn.SiLU(), nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=1)]
        network = nn.Sequential(*layers).float().to(device).eval()
        images = torch.randn(IMAGES, 3, _RESOLUTION, _RESOLUTION).to(device)

    @torch.inference_mode()
    def forward() -> torch.Tensor:
        return network(images)

    return forward


class Calibration:
    """Times a fixed forward pass; `forward` is replaced in tests only."""

    def __init__(self, timer: Timer, forward: Callable[[], object] | None = None) -> None:
        self._timer = timer
        self._forward = forward or network_forward(timer.device)
        self.seconds()  # cold first calls lie

    def seconds(self) -> float:
        """Seconds of one forward pass over `IMAGES` images, now: the median of a few."""
        return median(self._timer.seconds(self._forward) for _ in range(_REPEATS))


def drift(seconds: list[float]) -> float:
    """How far the machine's speed moved over successive calibrations: 0.1 is 10 %.

    The medians of three consecutive parts are compared, slowest to fastest, so that one disturbed call does
    not count.
    """
    if len(seconds) < 3:
        return max(seconds) / min(seconds) - 1.0
    third = len(seconds) / 3
    parts = [median(seconds[round(i * third) : round((i + 1) * third)]) for i in range(3)]
    return max(parts) / min(parts) - 1.0
