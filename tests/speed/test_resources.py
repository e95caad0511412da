"""Counted cost: FLOPs, calls and memory of networks whose cost is known."""

import numpy as np
import pytest
import torch
from torch import nn

from fewstep.speed.memory import LiveBytes
from fewstep.speed.resources import MIB, measure_resources
from fewstep.speed.workload import Workload

CONV_FLOPS = 2 * 8 * 3 * 3 * 3 * 16 * 16  # multiply-adds twice: out, in, kernel, positions
LINEAR_FLOPS = 2 * (8 * 16 * 16) * 10


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.linear = nn.Linear(8 * 16 * 16, 10)
        self.register_buffer("scale", torch.ones(7))

    def forward(self, x):
        return self.linear(self.conv(x).flatten(1))


def cell_of(network, sample):
    @torch.inference_mode()
    def generate(count):
        sample(network, count)
        return np.zeros((count, 16, 16, 3), np.uint8)

    return Workload("a", "a", generate, network)


def test_one_step():
    resources = measure_resources(cell_of(Network(), lambda net, n: net(torch.randn(n, 3, 16, 16))), "cpu")
    assert resources.parameters == (8 * 3 * 9 + 8) + (10 * 2048 + 10)
    assert resources.flops == CONV_FLOPS + LINEAR_FLOPS
    assert (resources.network_calls, resources.measured_nfe) == (1, 1)


def test_guidance_and_steps_are_counted_because_they_run():
    def guided(net, count):
        for _ in range(3):
            net(torch.randn(2 * count, 3, 16, 16))  # both halves of the guidance in one call

    resources = measure_resources(cell_of(Network(), guided), "cpu")
    assert resources.flops == 6 * (CONV_FLOPS + LINEAR_FLOPS)
    assert (resources.network_calls, resources.measured_nfe) == (3, 6)


class Cascade(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleDict({"small": nn.Linear(10, 10), "large": nn.Linear(10, 1000)})


def test_each_stage_has_the_flops_of_its_own_evaluations():
    def sample(net, count):
        for stage, steps in (("small", 3), ("large", 2)):
            for _ in range(steps):
                net.stages[stage](torch.randn(count, 10))
        torch.randn(7, 7) @ torch.randn(7, 7)  # of no stage

    resources = measure_resources(cell_of(Cascade(), sample), "cpu")
    assert resources.stage_flops == {"small": 3 * 2 * 10 * 10, "large": 2 * 2 * 10 * 1000}
    assert resources.flops == sum(resources.stage_flops.values()) + 2 * 7**3


def test_attention_is_in_the_flops():
    class Attention(nn.Module):
        def forward(self, x):
            return nn.functional.scaled_dot_product_attention(x, x, x)

    resources = measure_resources(cell_of(Attention(), lambda net, n: net(torch.randn(n, 2, 16, 8))), "cpu")
    assert resources.flops == 2 * (2 * 2 * 16 * 16 * 8)  # q k and then v


def test_peak_memory_of_a_known_pattern():
    def pattern(net, count):
        a = torch.zeros(MIB // 4 * 3)  # 3 MiB
        b = a + 1  # 6 MiB
        del a  # 3
        view = b[10:].view(-1, 2)  # no new memory
        del b
        c = view * 2  # just under 6
        d = torch.zeros(MIB // 4 * 2)  # just under 8: the peak
        del c, d, view
        torch.zeros(MIB)  # 4

    network = nn.Identity()
    expected = 3 + (3 - 40 / MIB) + 2
    assert measure_resources(cell_of(network, pattern), "cpu").peak_memory_mib == pytest.approx(expected)


def test_weights_and_buffers_are_in_the_peak_once():
    network = Network()
    held = sum(t.numel() * 4 for t in [*network.parameters(), *network.buffers()])
    transposed = cell_of(network, lambda net, n: net.linear.weight.t())
    assert measure_resources(transposed, "cpu").peak_memory_mib == pytest.approx(held / MIB)


def test_peak_memory_is_reproducible():
    workload = cell_of(Network(), lambda net, n: net(torch.randn(n, 3, 16, 16)))
    assert len({measure_resources(workload, "cpu").peak_memory_mib for _ in range(3)}) == 1


def test_live_bytes_return_to_zero():
    with LiveBytes() as live:
        x = torch.ones(1000)
        y = [x * 2, x * 3]
        del x, y
    assert live.now == 0 and live.peak == 12000
