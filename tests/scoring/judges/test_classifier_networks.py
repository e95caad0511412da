"""The networks are as small as they promise, and take images of every size in use."""

import pytest
import torch

from fewstep.scoring.judges.architectures import NETWORKS, ConvNet, ResNet20


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("channels", "side"), [(1, 8), (1, 28), (3, 32)])
def test_one_output_for_each_class(name, channels, side):
    network = NETWORKS[name](channels, 10, side).eval()
    assert network(torch.zeros(2, channels, side, side)).shape == (2, 10)


@pytest.mark.parametrize(("channels", "side"), [(1, 8), (2, 28), (6, 32)])
def test_an_observer_has_at_most_100_000_weights(channels, side):
    assert sum(p.numel() for p in ConvNet(channels, 1, side).parameters()) <= 100_000


def test_the_residual_network_has_twenty_layers_and_the_paper_s_number_of_weights():
    network = ResNet20(3, 10, 32)
    layers = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    assert len(layers) == 20
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(0.27e6, rel=0.01)
