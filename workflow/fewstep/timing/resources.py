"""What one image costs, in numbers that do not depend on the machine."""

from itertools import chain
from typing import NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from fewstep.nfe import counting
from fewstep.timing.memory import LiveBytes, cuda_peak_bytes
from fewstep.timing.workload import Cell

MIB = 2**20


class Resources(NamedTuple):
    """Cost of one image, made alone.

    Attributes:
        parameters: of the network.
        network_calls: forward calls of the networks; guidance that stacks its two halves is one call.
        measured_nfe: images that went through the networks; such guidance counts two.
        flops: convolutions, matrix products and attention of the whole call, a multiply-add being two;
            elementwise work is not counted.
        peak_memory_mib: weights and all live tensors at the worst moment.
    """

    parameters: int
    network_calls: int
    measured_nfe: int
    flops: int
    peak_memory_mib: float


def measure_resources(cell: Cell, device: str) -> Resources:
    """Count one real `generate(1)`; guidance, Heun's second half and decoders are in because they run."""
    weights = list(chain(cell.network.parameters(), cell.network.buffers()))
    live, flops = LiveBytes(weights), FlopCounterMode(display=False)
    weight_bytes = live.now
    # The FLOP counter takes composite operators apart: on top, it lets the memory counter see the parts.
    with counting(cell.network) as evaluations, live, flops:
        cell.generate(1)
    peak = live.peak
    if torch.device(device).type == "cuda":
        peak = cuda_peak_bytes(lambda: cell.generate(1), weight_bytes, device)
    return Resources(
        parameters=sum(parameter.numel() for parameter in cell.network.parameters()),
        network_calls=sum(evaluations.calls.values()),
        measured_nfe=sum(evaluations.images.values()),
        flops=flops.get_total_flops(),
        peak_memory_mib=peak / MIB,
    )
