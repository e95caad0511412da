"""The U-Net's blocks against their papers' formulas, written out with sums over pixels, heads and groups."""

import math

import pytest
import torch
import torch.nn.functional as F

from fewstep.nets.unet import Block, Downsample, SelfAttention, UNet, Upsample, sinusoidal_features


def open_up(module):
    """Random weights everywhere, so that no branch starts at zero."""
    generator = torch.Generator().manual_seed(0)
    for parameter in module.parameters():
        parameter.data.normal_(0, 0.3, generator=generator)
    return module.eval()


def normalised(x, norm):
    """Group normalisation (Wu & He 2018): every group of channels of an image has mean 0 and variance 1."""
    groups = x.unflatten(1, (norm.num_groups, -1))
    mean, variance = groups.mean((2, 3, 4), keepdim=True), groups.var((2, 3, 4), keepdim=True, correction=0)
    y = ((groups - mean) / (variance + norm.eps).sqrt()).flatten(1, 2)
    return y * norm.weight[None, :, None, None] + norm.bias[None, :, None, None]


def silu(x):
    return x / (1 + (-x).exp())


def linear(layer, x):
    """A 1x1 convolution of maps [B, C, H, W]."""
    return torch.einsum("bihw,oi->bohw", x, layer.weight[:, :, 0, 0]) + layer.bias[None, :, None, None]


def conv(layer, x, stride=1):
    return F.conv2d(x, layer.weight, layer.bias, stride=stride, padding=1)


def attended(layer, x):
    """(x + projection of the values, weighted by softmax(q k / sqrt(width of a head))) / sqrt(2)."""
    query, key, value = linear(layer.qkv, normalised(x, layer.norm)).flatten(2).chunk(3, dim=1)
    mixed = []
    for head in range(layer.heads):
        q, k, v = (t.chunk(layer.heads, dim=1)[head] for t in (query, key, value))
        scores = torch.einsum("bcp,bcs->bps", q, k) / math.sqrt(q.shape[1])
        weights = scores.exp() / scores.exp().sum(2, keepdim=True)
        mixed.append(torch.einsum("bps,bcs->bcp", weights, v))
    return (x + linear(layer.project, torch.cat(mixed, dim=1).reshape(x.shape))) / math.sqrt(2)


def passed(block, x, embedding):
    """Residual block whose second norm is scaled by 1 + a and shifted by b (Dhariwal & Nichol 2021)."""
    h = conv(block.conv1, silu(normalised(x, block.norm1)))
    a, b = (embedding @ block.affine.weight.T + block.affine.bias)[:, :, None, None].chunk(2, dim=1)
    h = conv(block.conv2, silu((1 + a) * normalised(h, block.norm2) + b))
    y = ((x if h.shape == x.shape else linear(block.skip, x)) + h) / math.sqrt(2)
    return attended(block.attention, y) if isinstance(block.attention, SelfAttention) else y


@pytest.mark.parametrize("channels", [16, 64])
def test_attention(channels):
    layer, x = open_up(SelfAttention(channels)), torch.randn(2, channels, 3, 4)
    assert torch.allclose(layer(x), attended(layer, x), atol=1e-4)


@pytest.mark.parametrize(("inputs", "outputs"), [(16, 16), (8, 16)])
@pytest.mark.parametrize("attention", [False, True])
def test_a_residual_block(inputs, outputs, attention):
    block = open_up(Block(inputs, outputs, 12, 0.0, attention))
    x, embedding = torch.randn(3, inputs, 5, 4), torch.randn(3, 12)
    assert torch.allclose(block(x, embedding), passed(block, x, embedding), atol=1e-4)


def test_halving_and_doubling():
    down, up, x = open_up(Downsample(4)), open_up(Upsample(4)), torch.randn(2, 4, 7, 6)
    assert torch.allclose(down(x, None), conv(down.conv, x)[:, :, ::2, ::2], atol=1e-5)
    twice = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.allclose(up(x, (14, 12)), conv(up.conv, twice), atol=1e-5)


def test_the_whole_network():
    net = open_up(UNet(1, 1, channels=(8, 16), blocks=1, attention=(1,), classes=3, patch=2))
    x, noise, labels = torch.randn(2, 1, 8, 8), torch.tensor([-1.0, 0.5]), torch.tensor([2, 0])
    embed = net.embed
    hidden = F.linear(sinusoidal_features(noise, 8), embed.first.weight, embed.first.bias) + embed.label.weight[labels]
    embedding = silu(F.linear(silu(hidden), embed.second.weight, embed.second.bias))
    folded = x.reshape(2, 4, 2, 4, 2).permute(0, 2, 4, 1, 3).reshape(2, 4, 4, 4)
    stem = conv(net.stem, folded)
    first = passed(net.down[0], stem, embedding)
    half = conv(net.down[1].conv, first, stride=2)
    low = passed(net.down[2], half, embedding)
    h = passed(net.middle, low, embedding)
    h = passed(net.up[0], torch.cat([h, low], 1), embedding)
    h = passed(net.up[1], torch.cat([h, half], 1), embedding)
    h = conv(net.up[2].conv, h.repeat_interleave(2, 2).repeat_interleave(2, 3))
    h = passed(net.up[3], torch.cat([h, first], 1), embedding)
    h = passed(net.up[4], torch.cat([h, stem], 1), embedding)
    out = conv(net.head, silu(normalised(h, net.norm)))
    expected = out.reshape(2, 1, 2, 2, 4, 4).permute(0, 1, 4, 2, 5, 3).reshape(2, 1, 8, 8)
    assert torch.allclose(net(x, noise, labels), expected, atol=1e-3)
