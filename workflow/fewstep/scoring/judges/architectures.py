"""The networks that score generators: small, the same for every method, and for observers weak on purpose.

A strong network tells almost any generator from real images, and then the fool rate is 0 for all of them.
"""

from torch import Tensor, nn

_WIDTHS = (16, 32, 48, 64)


class ConvNet(nn.Module):
    """Four 3x3 convolutions and a linear layer, about 50,000 weights; images [B, channels, H, W] of 8x8 or more."""

    def __init__(self, channels: int, outputs: int, side: int) -> None:
        """`side` of the images in pixels: from 16 on, the first convolution halves it."""
        super().__init__()
        strides = (2 if side >= 16 else 1, 1, 2, 2)
        inputs = (channels, *_WIDTHS[:-1])
        self.convolutions = nn.Sequential(*map(_convolution, inputs, _WIDTHS, strides))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * _WIDTHS[-1], outputs))

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, outputs]."""
        return self.head(self.convolutions(images))


class ResNet20(nn.Module):
    """The residual network of 20 layers for 32x32 images (He et al. 2016, arXiv:1512.03385, section 4.2)."""

    def __init__(self, channels: int, outputs: int, side: int) -> None:
        super().__init__()
        widths = [16] * 3 + [32] * 3 + [64] * 3
        inputs = [16, *widths[:-1]]
        blocks = [_Residual(i, o) for i, o in zip(inputs, widths, strict=True)]
        self.body = nn.Sequential(_convolution(channels, 16), *blocks)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, outputs))

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, outputs]."""
        return self.head(self.body(images))


class _Residual(nn.Module):
    """Two convolutions and a shortcut; where the width grows, the side halves and the shortcut pads with zeros (A)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.stride, self.grown = (1 if inputs == outputs else 2), outputs - inputs
        self.inner = nn.Sequential(
            _convolution(inputs, outputs, self.stride),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = nn.functional.pad(x[..., :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.grown))
        return nn.functional.relu(self.inner(x) + shortcut)


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


NETWORKS = {"cnn": ConvNet, "resnet20": ResNet20}
