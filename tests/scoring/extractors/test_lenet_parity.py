"""The small classifier against its formulas; large images are halved after each convolution."""

import pytest
import torch
import torch.nn.functional as F

from fewstep.scoring.extractors.lenet import LeNet


def open_up(network):
    generator = torch.Generator().manual_seed(0)
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point():
            low, high = (0.5, 1.5) if "running_var" in name else (-0.3, 0.3)
            tensor.uniform_(low, high, generator=generator)
    return network.eval()


def silu(x):
    return x / (1 + (-x).exp())


def brightest(x):
    """The largest number of each square of 2x2; what is left over at an odd side is not seen."""
    rows, columns = (side // 2 * 2 for side in x.shape[2:])
    return x[:, :, :rows, :columns].unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).amax((3, 5))


def convolved(block, x):
    conv, norm, _ = block
    y = F.conv2d(x, conv.weight, conv.bias, padding=1)
    mean, variance, scale, shift = (
        t[None, :, None, None] for t in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return silu((y - mean) / (variance + norm.eps).sqrt() * scale + shift)


@pytest.mark.parametrize(("side", "halved"), [(6, [0, 0, 0]), (8, [1, 0, 0]), (28, [1, 1, 0]), (32, [1, 1, 1])])
def test_features_and_logits_by_formula(side, halved):
    network, x = open_up(LeNet(1, 10)), torch.randn(2, 1, side, side)
    h = x
    for block, half in zip(network.convolutions, halved, strict=True):
        h = brightest(convolved(block, h)) if half else convolved(block, h)
    pooled = F.adaptive_avg_pool2d(h, 3).flatten(1)
    features = silu(pooled @ network.hidden.weight.T + network.hidden.bias)
    logits = features @ network.classifier.weight.T + network.classifier.bias
    got = network(x)
    assert torch.allclose(got[0], features, atol=1e-5) and torch.allclose(got[1], logits, atol=1e-5)
