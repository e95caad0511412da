"""The classifiers' blocks against torchvision's and against plain formulas."""

import pytest
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock

from fewstep.scoring.judges.architectures import ConvNet, ResNet20


class Subsampled(nn.Module):
    """Shortcut A of He et al. 2016: every second pixel, and zeros for the channels that are new."""

    def forward(self, x):
        return torch.cat([x[:, :, ::2, ::2], torch.zeros_like(x)[:, :, ::2, ::2]], dim=1)


def open_up(module):
    """Random weights and statistics."""
    generator = torch.Generator().manual_seed(0)
    for tensor in [*module.parameters(), *module.buffers()]:
        if tensor.is_floating_point():
            tensor.data.uniform_(0.5, 1.5, generator=generator)
    for parameter in module.parameters():
        parameter.data.sub_(1.0)
    return module.eval()


def reference(block):
    """torchvision's residual block with the weights of ours."""
    (one, norm_one, _), two, norm_two = block.inner
    inputs, outputs, stride = one.in_channels, one.out_channels, one.stride[0]
    theirs = BasicBlock(inputs, outputs, stride, None if stride == 1 else Subsampled())
    for mine, other in ((one, theirs.conv1), (norm_one, theirs.bn1), (two, theirs.conv2), (norm_two, theirs.bn2)):
        other.load_state_dict(mine.state_dict())
    return theirs.eval()


def test_residual_blocks_are_those_of_torchvision_with_shortcuts_that_pad():
    network = open_up(ResNet20(3, 10, 32))
    x, strides = torch.randn(2, 16, 8, 8), []
    for block in network.body[1:]:
        expected = reference(block)(x)
        assert torch.allclose(block(x), expected, rtol=1e-4, atol=1e-4)
        strides.append(block.stride)
        x = expected / expected.std()
    assert strides == [1, 1, 1, 2, 1, 1, 2, 1, 1]


@pytest.mark.parametrize(
    ("network", "side", "sides"),
    [
        (ConvNet, 8, [8, 8, 4, 2]),
        (ConvNet, 15, [15, 15, 8, 4]),
        (ConvNet, 16, [8, 8, 4, 2]),
        (ConvNet, 28, [14, 14, 7, 4]),
        (ResNet20, 32, [32] * 4 + [16] * 3 + [8] * 3),
    ],
)
def test_sides_halve_where_they_are_said_to(network, side, sides):
    made = network(1, 10, side).eval()
    x, seen = torch.zeros(1, 1, side, side), []
    for layer in made.convolutions if network is ConvNet else made.body:
        x = layer(x)
        seen.append(x.shape[-1])
    assert seen == sides
