"""R3GAN's networks against plain formulas of its authors' code: resampling, blocks, labels, biases, first weights."""

import importlib
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from fewstep.contract.method import ImageShape
from fewstep.contract.models import load_method

gan = load_method("gan")
r3gan = importlib.import_module(f"{gan.__name__}.r3gan")
SHAPE = ImageShape(1, 8, 8, 50)
TAPS = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def networks(channels=(64, 96), blocks=2, latent=32, embedding=2000, patch=1, shape=SHAPE):
    settings = {"channels": channels, "blocks": blocks, "latent": latent, "embedding": embedding, "patch": patch}
    return r3gan.Generator(shape, **settings), r3gan.Discriminator(shape, **settings)


def upfirdn(image, up, down, before, after, gain):
    """One channel [H, W]: zeros between pixels, zeros around, each window by the filter, every `down`th result."""
    spread = np.zeros([side * up for side in image.shape])
    spread[::up, ::up] = image
    padded = np.pad(spread, (before, after))
    rows, columns = (range(0, side - 3, down) for side in padded.shape)
    return np.array([[gain * (padded[r : r + 4, c : c + 4] * TAPS).sum() for c in columns] for r in rows])


@pytest.mark.parametrize("sides", [(2, 4), (6, 8)])
@pytest.mark.parametrize(
    ("layer", "arguments"), [(r3gan.Downsample, (1, 2, 1, 1, 1)), (r3gan.Upsample, (2, 1, 2, 1, 4))]
)
def test_resampling_is_filtering_with_zeros_outside(layer, arguments, sides):
    x = torch.randn(2, 3, *sides)
    expected = [[upfirdn(channel.numpy().astype(float), *arguments) for channel in image] for image in x]
    assert np.allclose(layer()(x).numpy(), np.array(expected), atol=1e-6)


def test_a_constant_is_kept_inside_and_darkens_at_the_border():
    ones = torch.ones(1, 2, 8, 8)
    for layer, border, corner in ((r3gan.Upsample(), 0.75, 0.5625), (r3gan.Downsample(), 0.875, 0.765625)):
        y = layer(ones)
        assert torch.allclose(y[..., 1:-1, 1:-1], torch.tensor(1.0))
        assert torch.allclose(y[..., 0, 1:-1], torch.tensor(border)) and torch.allclose(
            y[..., 0, 0], torch.tensor(corner)
        )


def grouped(x, weight, bias):
    """3x3 convolution [B, C, H, W] with zeros outside, group by group and tap by tap."""
    width, inside = weight.shape[:2]
    padded, (height, side) = F.pad(x, [1] * 4), x.shape[-2:]
    y = bias[None, :, None, None].repeat(len(x), 1, height, side)
    for group in range(width // 16):
        mine = slice(16 * group, 16 * (group + 1))
        for r in range(3):
            for c in range(3):
                seen = padded[:, mine, r : r + height, c : c + side]
                y[:, mine] += torch.einsum("bihw,oi->bohw", seen, weight[mine, :, r, c])
    assert inside == 16
    return y


def test_a_block_adds_three_linear_layers_with_a_leaky_one_after_the_first_two():
    block, x = r3gan.Block(32, total=4), torch.randn(2, 32, 4, 5)
    for parameter in block.parameters():
        nn.init.normal_(parameter, std=0.2)
    one, _, two, _, three = block.layers
    leaky = lambda t: torch.where(t > 0, t, 0.2 * t)  # noqa: E731
    h = leaky(torch.einsum("bihw,oi->bohw", x, one.weight[:, :, 0, 0]) + one.bias[None, :, None, None])
    h = leaky(grouped(h, two.weight, two.bias))
    expected = x + torch.einsum("bihw,oi->bohw", h, three.weight[:, :, 0, 0])
    assert torch.allclose(block(x), expected, atol=1e-4)


def test_only_the_first_two_layers_of_a_block_have_a_bias_and_it_starts_at_0():
    for model in networks():
        blocks = [m for m in model.modules() if isinstance(m, r3gan.Block)]
        theirs = {id(block.layers[i].bias) for block in blocks for i in (0, 2)}
        biases = {name: p for name, p in model.named_parameters() if name.endswith("bias")}
        assert len(blocks) == 4 and {id(p) for p in biases.values()} == theirs
        assert not any(p.any() for p in biases.values())


def std(weight):
    return weight.detach().std().item()


def test_labels_start_at_one_over_the_root_of_the_classes_and_a_direction_shorter_by_its_numbers():
    generator, discriminator = networks()
    assert std(generator.label.linear.weight) == pytest.approx(1 / math.sqrt(50), rel=0.02)
    assert std(discriminator.label.linear.weight) == pytest.approx(1 / math.sqrt(50 * 2000), rel=0.02)


def test_first_weights_shrink_with_the_number_of_blocks():
    gain = math.sqrt(2 / (1 + 0.2**2)) * 4 ** (-1 / (2 * 3 - 2))
    for model in networks():
        first, _, second, _, third = next(m for m in model.modules() if isinstance(m, r3gan.Block)).layers
        assert std(first.weight) == pytest.approx(gain / math.sqrt(first.in_channels), rel=0.04)
        assert std(second.weight) == pytest.approx(gain / math.sqrt(9 * 16), rel=0.04)
        assert not third.weight.any()


def test_logits_are_products_of_features_and_the_labels_embedding():
    _, model = networks(embedding=8)
    images, labels = torch.randn(3, 1, 8, 8), torch.tensor([4, 0, 49])
    features = model.head(model.basis(model.body(model.stem(images))).flatten(1))
    directions = model.label.linear.weight.T[labels]
    assert torch.allclose(model(images, labels), torch.einsum("be,be->b", features, directions), atol=1e-6)


def kinds(model):
    return [type(layer).__name__ for layer in model.body]


def test_maps_are_resampled_at_the_smaller_width_and_one_width_needs_no_convolution():
    generator, discriminator = networks(blocks=1)
    assert kinds(generator) == ["Block", "Conv2d", "Upsample", "Block"]
    assert kinds(discriminator) == ["Block", "Downsample", "Conv2d", "Block"]
    generator, discriminator = networks(channels=(32, 32), blocks=1)
    assert kinds(generator) == ["Block", "Upsample", "Block"]
    assert kinds(discriminator) == ["Block", "Downsample", "Block"]
