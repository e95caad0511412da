"""What one image costs, in numbers that do not depend on the machine."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from fewstep.contract.nfe import counting, stages
from fewstep.speed.memory import LiveBytes, cuda_peak_bytes
from fewstep.speed.workload import Workload

MIB = 2**20


class Resources(NamedTuple):
    """Cost of one image, made alone.

    Attributes:
        parameters: of the network.
        network_calls: forward calls of the networks; guidance that stacks its two halves is one call.
        measured_nfe: images that went through the networks: guidance that stacks its halves counts two.
        flops: convolutions, matrix products and attention of the whole call, a multiply-add being two;
            elementwise work is not counted.
        stage_flops: those of the evaluations of each stage; what runs outside of the networks is in none.
        peak_memory_mib: weights and all live tensors at the worst moment.
    """

    parameters: int
    network_calls: int
    measured_nfe: int
    flops: int
    stage_flops: dict[str, int]
    peak_memory_mib: float


def measure_resources(workload: Workload, device: str) -> Resources:
    """Count one real `generate(1)`; guidance, Heun's second half and decoders are in because they run."""
    weights = list(chain(workload.network.parameters(), workload.network.buffers()))
    live, flops = LiveBytes(weights), FlopCounterMode(display=False)
    weight_bytes = live.now
    # The FLOP counter takes composite operators apart: on top, it lets the memory counter see the parts.
    with counting(workload.network) as evaluations, live, flops, by_stage(workload.network, flops) as stage_flops:
        workload.generate(1)
    peak = live.peak
    if torch.device(device).type == "cuda":
        peak = cuda_peak_bytes(lambda: workload.generate(1), weight_bytes, device)
    return Resources(
        parameters=sum(parameter.numel() for parameter in workload.network.parameters()),
        network_calls=sum(evaluations.calls.values()),
        measured_nfe=sum(evaluations.images.values()),
        flops=flops.get_total_flops(),
        stage_flops=stage_flops,
        peak_memory_mib=peak / MIB,
    )


@contextmanager
def by_stage(model: nn.Module, counter: FlopCounterMode) -> Iterator[dict[str, int]]:
    """What `counter` counts while each stage of `model` (fewstep.contract.nfe) is called, as long as the block runs."""
    spent = dict.fromkeys(stages(model), 0)

    def add(stage: str, sign: int):
        def record(*_) -> None:
            spent[stage] += sign * counter.get_total_flops()

        return record

    with ExitStack() as handles:
        for stage, network in stages(model).items():
            handles.enter_context(network.register_forward_pre_hook(add(stage, -1)))
            handles.enter_context(network.register_forward_hook(add(stage, 1)))
        yield spent
