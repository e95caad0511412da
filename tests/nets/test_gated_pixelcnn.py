"""The gated PixelCNN: nothing sees what comes later, everything before is seen, and cached evaluation is the same."""

from itertools import product

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from fewstep.contract import nfe
from fewstep.nets.gated_pixelcnn import (
    Cache,
    GatedLayer,
    GatedPixelCNN,
    HorizontalConv,
    Pointwise,
    VerticalConv,
    draw,
    gate,
    inverse_cdf,
    places,
)

H, W, K = 4, 5, 6


class Lift(nn.Module):
    """Takes floats for values, so that gradients reach them."""

    def forward(self, values):
        return values[..., None]


def lively(module, seed=0):
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    return module.double().eval()


def network(height=H, width=W, categories=K, dilations=(1, 2), **changes):
    return lively(GatedPixelCNN(height, width, categories, features=6, dilations=dilations, **changes))


def random_values(count=3, height=H, width=W, categories=K, seed=1):
    return torch.randint(categories, (count, height, width), generator=torch.Generator().manual_seed(seed))


def uniforms(count=3, height=H, width=W, seed=2):
    return torch.rand(count, height, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def seen(function, height=H, width=W, channels=1):
    """[H, W, H, W]: whether the output at a position depends on the input at another, by gradients."""
    shape = (1, channels, height, width)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64, requires_grad=True)
    output = function(x).abs().sum(dim=(0, 1))
    gradients = [torch.autograd.grad(value, x, retain_graph=True)[0] for value in output.flatten()]
    return torch.stack(gradients).abs().sum(dim=(1, 2)).view(height, width, height, width) > 0


def expected(rule, height=H, width=W):
    """[H, W, H, W] of rule(row, column, row of the input, column of the input)."""
    table = [rule(*place) for place in product(range(height), range(width), range(height), range(width))]
    return torch.tensor(table).view(height, width, height, width)


def earlier(r, c, i, j):
    return (i, j) < (r, c)


# Causality, by gradients


@pytest.mark.parametrize("dilation", [1, 2])
def test_the_vertical_convolution_sees_rows_above_and_its_own_and_no_further_than_it_says(dilation):
    conv = lively(VerticalConv(1, 2, rows=2, columns=3, dilation=dilation))
    reached = expected(lambda r, c, i, j: r - i in (0, dilation) and abs(c - j) in (0, dilation))
    assert torch.equal(seen(conv), reached)


@pytest.mark.parametrize("dilation", [1, 2])
def test_the_horizontal_convolution_sees_its_own_row_to_the_left(dilation):
    conv = lively(HorizontalConv(1, 2, columns=3, dilation=dilation))
    reached = expected(lambda r, c, i, j: r == i and c - j in (0, dilation, 2 * dilation))
    assert torch.equal(seen(conv), reached)


def test_a_pointwise_convolution_sees_its_own_position_and_takes_a_single_one():
    conv = lively(Pointwise(2, 3))
    assert torch.equal(seen(conv, channels=2), expected(lambda r, c, i, j: (r, c) == (i, j)))
    x = torch.randn(4, 2, H, W, dtype=torch.float64)
    assert torch.allclose(conv(x)[:, :, 1, 2], conv(x[:, :, 1, 2]))


def test_a_gated_layer_looks_up_in_one_stack_and_back_in_the_other():
    layer = lively(GatedLayer(3, dilation=1, dropout=0.5))
    condition, still = torch.zeros(1, 3, 1, 1).double(), torch.randn(1, 3, H, W).double()
    up = seen(lambda v: layer(v, still, condition)[0], channels=3)
    assert torch.equal(up, expected(lambda r, c, i, j: r - i in (0, 1) and abs(c - j) <= 1))
    assert not seen(lambda h: layer(still, h, condition)[0] + 0 * h, channels=3).any()
    across = seen(lambda v: layer(v, still, condition)[1], channels=3)
    back = seen(lambda h: layer(still, h, condition)[1], channels=3)
    assert torch.equal(across, up)
    assert torch.equal(back, expected(lambda r, c, i, j: r == i and c - j in (0, 1)))


@pytest.mark.parametrize("dilations", [(1, 1), (1, 2, 1), (1, 4, 1)])
def test_the_network_sees_all_that_is_earlier_and_nothing_else(dilations):
    net = network(dilations=dilations)
    net.embed = Lift()
    # No blind spot, and not even its own value: the first position sees nothing at all.
    assert torch.equal(seen(lambda x: net.logits(x[:, 0])), expected(earlier))


def test_a_context_reaches_every_position():
    net = network(dilations=(1,), context=nn.Conv2d(1, 6, 1).double())
    reached = seen(lambda x: net.logits(random_values(1), None, x))
    assert all(reached[r, c, r, c] for r in range(H) for c in range(W))


# Probabilities


@pytest.mark.parametrize("labels", [None, torch.tensor([1])])
def test_the_probabilities_of_all_grids_sum_to_one(labels):
    net = network(2, 2, 3, classes=2)
    grids = torch.tensor(list(product(range(3), repeat=4))).view(-1, 2, 2)
    everywhere = None if labels is None else labels.expand(len(grids))
    log = F.log_softmax(net.logits(grids, everywhere), dim=1).gather(1, grids[:, None]).sum(dim=(1, 2, 3))
    assert log.exp().sum().item() == pytest.approx(1, abs=1e-12)
    assert log.exp().std() > 1e-3


def test_draws_have_the_probabilities_of_the_network():
    net = network(1, 2, 3, embedding=4, dilations=(1,))
    grids = torch.tensor(list(product(range(3), repeat=2))).view(-1, 1, 2)
    exact = F.log_softmax(net.logits(grids), dim=1).gather(1, grids[:, None]).sum(dim=(1, 2, 3)).exp()
    drawn = draw(net, uniforms(40_000, 1, 2))
    frequency = (drawn[:, 0, 0] * 3 + drawn[:, 0, 1]).bincount(minlength=9) / 40_000
    assert torch.allclose(frequency.double(), exact, atol=4 * 0.5 / 200)


def test_inverse_cdf_takes_the_category_whose_interval_holds_the_number():
    logits = torch.tensor([0.2, 0.5, 0.3]).log().double().expand(6, 3)
    numbers = torch.tensor([1e-9, 0.199, 0.201, 0.699, 0.701, 1 - 1e-12], dtype=torch.float64)
    assert inverse_cdf(logits, numbers).tolist() == [0, 0, 1, 1, 2, 2]


def test_labels_and_context_change_the_logits_and_may_be_absent():
    values, context = random_values(), torch.randn(3, 1, H, W).double()
    net = network(classes=3, context=nn.Conv2d(1, 6, 1).double())
    first = net.logits(values, torch.tensor([0, 1, 2]), context)
    assert (first - net.logits(values, torch.tensor([1, 2, 0]), context)).abs().amin() > 0
    assert (first - net.logits(values, torch.tensor([0, 1, 2]), context + 1)).abs().amin() > 0
    assert torch.equal(network().logits(values), network().logits(values, torch.tensor([0, 1, 2])))


# One position after the other


@pytest.mark.parametrize(
    "changes",
    [
        {"dilations": (1, 2, 1)},
        {"dilations": (1, 4)},  # reaches past every border
        {"embedding": 3, "classes": 4},
        {"classes": 4, "context": nn.Conv2d(2, 6, 3, padding=1), "dropout": 0.5},
        {"period": 5},
        {"height": 1},
        {"width": 1},
    ],
)
def test_cached_evaluation_equals_that_of_the_whole_network(changes):
    net = network(**changes)
    values, labels = random_values(3, net.height, net.width), torch.tensor([0, 3, 1])
    given = torch.randn(3, 2, net.height, net.width).double() if net.context else None
    whole = net.logits(values, labels, given).flatten(2)
    cache, last = Cache(net, 3, labels, given), None
    for i in range(net.height * net.width):
        assert torch.allclose(net(cache, last), whole[:, :, i], rtol=0, atol=1e-12)
        last = values.flatten(1)[:, i]


def test_a_network_in_float32_is_evaluated_in_float64_and_stays_as_it_is():
    net = network().float()
    values = draw(net, uniforms())
    assert net(Cache(net, 3), None).dtype == torch.float64
    assert {parameter.dtype for parameter in net.parameters()} == {torch.float32}
    assert torch.equal(values, draw(network().float().double(), uniforms()))


def test_every_position_costs_one_evaluation():
    net = network()
    with nfe.counting(net) as counted:
        drawn = draw(net, uniforms())
    assert drawn.shape == (3, H, W) and counted.calls == {"model": H * W}
    assert counted.per_image(3) == {"model": H * W}


def test_a_draw_belongs_to_its_own_numbers():
    net, numbers, labels = network(classes=3), uniforms(5), torch.arange(5) % 3
    whole = draw(net, numbers, labels)
    alone = [draw(net, numbers[i : i + 1], labels[i : i + 1]) for i in range(5)]
    assert torch.equal(whole, torch.cat(alone))
    later = numbers.clone()
    later[:, 2, 3] = 1 - later[:, 2, 3]
    changed = draw(net, later, labels)
    assert torch.equal(changed.flatten(1)[:, : 2 * W + 3], whole.flatten(1)[:, : 2 * W + 3])
    assert not torch.equal(changed, whole)


# The parts


def test_the_gate_is_the_papers():
    x = torch.tensor([0.5, -1.0, 2.0, 0.0]).view(1, 4, 1, 1)
    expect = [torch.tanh(torch.tensor(0.5)) * torch.sigmoid(torch.tensor(2.0)), torch.tanh(torch.tensor(-1.0)) / 2]
    assert torch.allclose(gate(x).flatten(), torch.stack(expect))


def test_places_tell_all_positions_apart_and_repeat_their_period():
    grid = places(4, 6, 3)
    assert grid.shape == (5, 4, 6) and len(grid.flatten(1).T.unique(dim=0)) == 24
    assert torch.equal(grid[2:, :, :3], grid[2:, :, 3:]) and torch.equal(grid[2:, 0, :3], torch.eye(3))


def test_a_gradient_reaches_every_parameter_of_the_network():
    net = network(classes=3, embedding=2, context=nn.Conv2d(1, 6, 1)).train()
    net.logits(random_values(), torch.tensor([0, 1, 2]), torch.randn(3, 1, H, W).double()).square().sum().backward()
    dead = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert not dead
