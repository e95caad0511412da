"""Gated PixelCNN (van den Oord et al. 2016): categories on a grid, each given those before it in raster order.

Two stacks of convolutions look back without a blind spot (their section 2.2): the vertical one at the rows above, the
horizontal one at what lies to the left. The input is shifted once, down for the one and right for the other, and every
kernel reaches up or left alone: that is a masked convolution without the work on weights that are zero.

`logits` evaluates all positions at once, for training and likelihoods. A call evaluates one position with cached
activations, for sampling: it is the evaluation that NFE counts.
"""

import copy
from collections import deque
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class GatedPixelCNN(nn.Module):
    """The conditional distribution of every position of a grid.

    Args:
        height, width: of the grid.
        categories: number of values that a position takes.
        features: width of both stacks.
        dilations: of the gated layers, one each; a layer sees 1 x dilation further up and to either side.
        embedding: width of a learned embedding of the values; 0 hands on their rank in [-1, 1], as for grey levels.
        classes: number of labels, 0 for none.
        context: a network from what the grid is given to [B, features, height, width], or None.
        dropout: probability inside the gated layers.
        period: columns after which meanings repeat (interleaved colour channels).
    """

    def __init__(
        self,
        height: int,
        width: int,
        categories: int,
        features: int,
        dilations: Sequence[int],
        embedding: int = 0,
        classes: int = 0,
        context: nn.Module | None = None,
        dropout: float = 0.0,
        period: int = 1,
    ):
        super().__init__()
        self.height, self.width, self.features = height, width, features
        self.embed = nn.Embedding(categories, embedding) if embedding else Rank(categories)
        self.label = nn.Embedding(classes, features) if classes else None
        self.context = context
        self.register_buffer("places", places(height, width, period), persistent=False)
        inputs = (embedding or 1) + len(self.places)
        self.vertical = VerticalConv(inputs, features, rows=3, columns=7)
        self.horizontal = HorizontalConv(inputs, features, columns=3)
        self.layers = nn.ModuleList(GatedLayer(features, dilation, dropout) for dilation in dilations)
        self.head = nn.Sequential(
            nn.ReLU(), Pointwise(features, 2 * features), nn.ReLU(), Pointwise(2 * features, categories)
        )

    def logits(self, values: Tensor, labels: Tensor | None = None, given: Tensor | None = None) -> Tensor:
        """Logits [B, categories, H, W] of every position, each from the values int64 [B, H, W] before it.

        `labels` [B] and `given`, the input of the context network, condition all positions.
        """
        x = self.embed(values).movedim(-1, 1)
        x = torch.cat([x, self.places.expand(len(x), -1, -1, -1)], dim=1)
        condition = self.condition(len(x), labels, given)
        v = self.vertical(F.pad(x[:, :, :-1], (0, 0, 1, 0)))
        h = self.horizontal(F.pad(x[:, :, :, :-1], (1, 0)))
        for layer in self.layers:
            v, h = layer(v, h, condition)
        return self.head(h)

    def condition(self, count: int, labels: Tensor | None, given: Tensor | None) -> Tensor:
        """What conditions every layer, [B, features, H, W] or [B, features, 1, 1]; zero without labels and context."""
        condition = self.places.new_zeros(count, self.features, 1, 1)
        if self.label is not None and labels is not None:
            condition = condition + self.label(labels)[:, :, None, None]
        return condition if self.context is None else condition + self.context(given)

    def forward(self, cache: "Cache", values: Tensor | None) -> Tensor:
        """Logits [B, categories] of the next position, given the values [B] of the one before it (None at first)."""
        return cache.step(values)


class GatedLayer(nn.Module):
    """One layer of both stacks (Figure 2 of the paper), with a residual in the vertical stack too."""

    def __init__(self, features: int, dilation: int, dropout: float):
        super().__init__()
        self.vertical = VerticalConv(features, 2 * features, rows=2, columns=3, dilation=dilation)
        self.horizontal = HorizontalConv(features, 2 * features, columns=2, dilation=dilation)
        self.condition = Pointwise(features, 4 * features)
        self.link = Pointwise(2 * features, 2 * features)
        self.mix = Pointwise(features, features)
        self.dropout = nn.Dropout(dropout)

    def forward(self, v: Tensor, h: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Both stacks [B, features, H, W] one layer on; row r of `v` has seen the rows before r, of `h` columns too."""
        v, links = self.from_above(v, self.vertical(v), condition)
        return v, self.from_left(h, self.horizontal(h), links)

    def from_above(self, v: Tensor, seen: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """The vertical stack, and what the horizontal one receives of it and of the condition."""
        to_vertical, to_horizontal = self.condition(condition).chunk(2, dim=1)
        seen = seen + to_vertical
        return v + self.dropout(gate(seen)), self.link(seen) + to_horizontal

    def from_left(self, h: Tensor, seen: Tensor, links: Tensor) -> Tensor:
        """The horizontal stack, of a whole map [B, features, H, W] or of one position [B, features]."""
        return h + self.mix(self.dropout(gate(seen + links)))


class VerticalConv(nn.Conv2d):
    """Convolution over the present row and those above it, centred on the column."""

    def __init__(self, inputs: int, outputs: int, rows: int, columns: int, dilation: int = 1):
        super().__init__(inputs, outputs, (rows, columns), dilation=dilation, padding=(0, dilation * (columns // 2)))
        self.reach = dilation * (rows - 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (0, 0, self.reach, 0)))

    def last(self, past: Sequence[Tensor]) -> Tensor:
        """The last row [B, outputs, 1, W], from the `reach` + 1 last rows [B, inputs, 1, W] of the input."""
        rows = torch.cat(list(past)[:: self.dilation[0]], dim=2)
        return F.conv2d(rows, self.weight, self.bias, padding=self.padding, dilation=(1, self.dilation[1]))


class HorizontalConv(nn.Conv2d):
    """Convolution over the present column and those to its left."""

    def __init__(self, inputs: int, outputs: int, columns: int, dilation: int = 1):
        super().__init__(inputs, outputs, (1, columns), dilation=(1, dilation))
        self.reach = dilation * (columns - 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (self.reach, 0)))

    def last(self, past: Sequence[Tensor]) -> Tensor:
        """The last position [B, outputs], from the `reach` + 1 last ones [B, inputs] of the input."""
        columns = torch.stack(list(past)[:: self.dilation[1]], dim=2)
        return F.linear(columns.flatten(1), self.weight.flatten(1), self.bias)


class Pointwise(nn.Conv2d):
    """1 x 1 convolution of maps [B, C, H, W], or of one position [B, C]."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) if x.ndim == 4 else F.linear(x, self.weight.flatten(1), self.bias)


class Rank(nn.Module):
    """Values 0..categories-1 as one number in [-1, 1] each."""

    def __init__(self, categories: int):
        super().__init__()
        self.scale = 2 / (categories - 1)

    def forward(self, values: Tensor) -> Tensor:
        return (values * self.scale - 1)[..., None]


class Cache:
    """What an evaluation at one position needs of those before it: a few rows and columns per layer.

    In float64: the rounding of float32 differs with the batch size, and moves the bounds between 256 categories by 1e-7
    or so. Now and then a draw would fall on the other side of one, and all that follows it would differ.

    Args:
        network: whose activations are cached; it is copied.
        batch: number of grids.
        labels, given: as for `GatedPixelCNN.logits`.
    """

    def __init__(self, network: GatedPixelCNN, batch: int, labels: Tensor | None = None, given: Tensor | None = None):
        self.network = net = copy.deepcopy(network).double()
        self.condition = net.condition(batch, labels, given)
        self.position, self.row = 0, []  # next in raster order; inputs of the present row, then of the one before
        self.convs = [(net.vertical, net.horizontal), *((layer.vertical, layer.horizontal) for layer in net.layers)]
        self.start = self.condition.new_zeros(batch, net.horizontal.in_channels)
        self.above = [_past(self._zeros(vertical, net.width), vertical.reach) for vertical, _ in self.convs]

    def step(self, values: Tensor | None) -> Tensor:
        """See GatedPixelCNN.forward."""
        net, column = self.network, self.position % self.network.width
        if values is not None:
            place = net.places.flatten(1)[:, self.position - 1].expand(len(values), -1)
            self.row.append(torch.cat([net.embed(values), place], dim=1))
        if column == 0:
            self._begin_row()
        h = self._from_left(0, self.row[-1] if self.row else self.start)
        for i, layer in enumerate(net.layers, start=1):
            h = layer.from_left(h, self._from_left(i, h), self.links[i - 1][:, :, 0, column])
        self.position += 1
        return net.head(h)

    def _begin_row(self) -> None:
        """Take the vertical stack one row on: it sees whole rows, so once per row is enough."""
        net, row = self.network, self.position // self.network.width
        condition = self.condition if self.condition.shape[2] == 1 else self.condition[:, :, row : row + 1]
        inputs = torch.stack(self.row, dim=2)[:, :, None] if self.row else self._zeros(net.vertical, net.width)
        v, self.links = self._from_above(0, inputs), []
        for i, layer in enumerate(net.layers, start=1):
            v, links = layer.from_above(v, self._from_above(i, v), condition)
            self.links.append(links)
        self.row = []
        self.left = [_past(self._zeros(horizontal, 1)[:, :, 0, 0], horizontal.reach) for _, horizontal in self.convs]

    def _from_above(self, i: int, row: Tensor) -> Tensor:
        self.above[i].append(row)
        return self.convs[i][0].last(self.above[i])

    def _from_left(self, i: int, position: Tensor) -> Tensor:
        self.left[i].append(position)
        return self.convs[i][1].last(self.left[i])

    def _zeros(self, conv: nn.Conv2d, width: int) -> Tensor:
        return self.start.new_zeros(len(self.start), conv.in_channels, 1, width)


def _past(zeros: Tensor, reach: int) -> deque[Tensor]:
    """The last `reach` + 1 slices of a sequence that begins after padding."""
    return deque([zeros] * (reach + 1), maxlen=reach + 1)


def gate(x: Tensor) -> Tensor:
    """tanh(a) sigmoid(b) of the two halves of the channels (equation 2 of the paper)."""
    a, b = x.chunk(2, dim=1)
    return torch.tanh(a) * torch.sigmoid(b)


def places(height: int, width: int, period: int) -> Tensor:
    """Row and column in [-1, 1] and the column's place in its period, [2 + period, height, width]: known beforehand."""
    rows = torch.linspace(-1, 1, height)[:, None].expand(height, width)
    columns = torch.linspace(-1, 1, width).expand(height, width)
    phases = F.one_hot(torch.arange(width) % period, period).T.float()[:, None].expand(period, height, width)
    return torch.cat([rows[None], columns[None], phases])


def draw(network: GatedPixelCNN, uniforms: Tensor, labels: Tensor | None = None, given: Tensor | None = None) -> Tensor:
    """Values int64 [B, H, W] drawn in raster order from uniforms [B, H, W]; H x W evaluations of the network."""
    cache = Cache(network, len(uniforms), labels, given)
    values: list[Tensor] = []
    for uniform in uniforms.flatten(1).unbind(1):
        logits = network(cache, values[-1] if values else None)
        values.append(inverse_cdf(logits, uniform))
    return torch.stack(values, dim=1).view(uniforms.shape)


def inverse_cdf(logits: Tensor, uniforms: Tensor) -> Tensor:
    """The categories [B] at which the cumulative probabilities of logits [B, K] reach uniforms [B] in (0, 1)."""
    cumulative = logits.softmax(dim=1).cumsum(dim=1)
    return torch.searchsorted(cumulative, (uniforms * cumulative[:, -1])[:, None]).squeeze(1)
