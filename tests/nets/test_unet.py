"""The U-Net: shapes, conditioning, start at zero, gradients everywhere, and images that do not see each other."""

import pytest
import torch

from fewstep.contract.method import ImageShape
from fewstep.diffusion.schedules import karras_grid
from fewstep.nets.unet import SelfAttention, UNet, group_norm, sinusoidal_features, unet_for


def lively(net, seed=0):
    """The network with random weights everywhere, so that branches that start at zero are open."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in net.parameters():
        parameter.data.add_(torch.randn(parameter.shape, generator=generator) * 0.1)
    return net.eval()


def small(**changes):
    return lively(UNet(1, 1, **{"channels": (8, 16), "blocks": 1, "attention": (1,), "classes": 3, **changes}))


def inputs(count=4, size=8, channels=1):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(count, channels, size, size, generator=generator)
    return x, torch.linspace(-1.5, 1.1, count), torch.arange(count) % 3


@pytest.mark.parametrize(
    ("size", "patch", "channels"),
    [((7, 7), 1, (8, 16, 24)), ((28, 28), 2, (8, 16)), ((28, 28), 4, (8, 16)), ((5, 9), 1, (8, 8)), ((8, 8), 1, (8,))],
)
def test_the_output_has_the_size_of_the_input(size, patch, channels):
    net = lively(UNet(3, 2, channels=channels, blocks=1, patch=patch))
    out = net(torch.randn(2, 3, *size), torch.zeros(2))
    assert out.shape == (2, 2, *size) and out.std() > 0


def test_a_new_network_gives_zero():
    net = UNet(1, 1, channels=(8, 16), blocks=1, attention=(0, 1), classes=3)
    x, noise, labels = inputs()
    assert not net(x, noise, labels).any()


def test_labels_and_noise_level_change_the_output():
    net = small()
    x, noise, labels = inputs()
    base = net(x, noise, labels)
    assert (net(x, noise, (labels + 1) % 3) - base).abs().flatten(1).max(dim=1).values.min() > 1e-3
    assert (net(x, noise + 0.1, labels) - base).abs().flatten(1).max(dim=1).values.min() > 1e-3


def test_labels_may_be_absent():
    x, noise, labels = inputs()
    conditional, unconditional = small(), small(classes=0)
    assert not torch.allclose(conditional(x, noise, None), conditional(x, noise, labels))
    assert torch.equal(unconditional(x, noise, None), unconditional(x, noise, labels))


def test_the_network_follows_the_data_set():
    labelled = unet_for({"channels": [8], "blocks": 1}, ImageShape(3, 8, 8, 5))
    assert labelled.embed.label.num_embeddings == 5
    assert unet_for({"channels": [8], "blocks": 1}, ImageShape(3, 8, 8)).embed.label is None
    assert labelled(torch.zeros(1, 3, 8, 8), torch.zeros(1), torch.tensor([4])).shape == (1, 3, 8, 8)


@pytest.mark.parametrize("patch", [1, 2])
def test_a_gradient_reaches_every_parameter(patch):
    net = small(patch=patch, attention=(0, 1)).train()
    x, noise, labels = inputs()
    net(x, noise, labels).square().sum().backward()
    dead = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert not dead


def test_images_of_a_batch_do_not_see_each_other():
    net = small(attention=(0, 1))
    x, noise, labels = inputs()
    batch = net(x, noise, labels)
    for i in range(len(x)):
        assert torch.allclose(net(x[i : i + 1], noise[i : i + 1], labels[i : i + 1]), batch[i : i + 1], atol=1e-5)
    others = x.clone()
    others[1:] += 1
    assert torch.allclose(net(others, noise, labels)[0], batch[0], atol=1e-5)


def test_attention_mixes_all_pixels_whatever_their_places():
    attention = lively(SelfAttention(64))
    assert attention.heads == 2
    x, order = torch.randn(2, 64, 3, 3), torch.randperm(9)
    shuffle = lambda t: t.flatten(2)[:, :, order].reshape(t.shape)  # noqa: E731
    assert torch.allclose(attention(shuffle(x)), shuffle(attention(x)), atol=1e-5)
    far = x.clone()
    far[:, :, 2, 2] += 1
    assert (attention(far) - attention(x))[:, :, 0, 0].abs().max() > 1e-4


def test_attention_sits_on_the_levels_that_are_asked_for():
    kinds = [
        type(block.attention) is SelfAttention for block in small(attention=(0,)).up if hasattr(block, "attention")
    ]
    assert kinds == [False, False, True, True]  # from the lowest level up


def test_dropout_acts_in_training_alone():
    net = small(dropout=0.5)
    x, noise, labels = inputs()
    assert torch.equal(net(x, noise, labels), net(x, noise, labels))
    net.train()
    assert not torch.equal(net(x, noise, labels), net(x, noise, labels))


def test_the_noise_features_tell_all_levels_of_a_grid_apart():
    features = sinusoidal_features(karras_grid(40).log() / 4, 16)
    distances = torch.cdist(features, features) + 10 * torch.eye(40)
    assert features.shape == (40, 16) and distances.min() > 0.2


@pytest.mark.parametrize("channels", [4, 8, 24, 48, 96, 128, 320])
def test_group_norm_divides_its_channels(channels):
    norm = group_norm(channels)
    assert norm.num_groups <= 32 and channels // norm.num_groups >= 4
    x = 5 + 3 * torch.randn(2, channels, 8, 8)
    assert norm(x).std().item() == pytest.approx(1, abs=0.01)
