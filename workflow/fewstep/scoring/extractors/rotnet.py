"""A small network that a run trains on its real images alone, where no other extractor knows such images.

It learns by how many quarters an image was turned (Gidaris et al. 2018, arXiv:1803.07728), which needs no labels, no
download and about a minute. Its Frechet distances compare sample sets with one another within one reference: other real
images train another network.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from fewstep.base.checkpoints import load_weights
from fewstep.base.errors import FewstepError
from fewstep.base.files import read_json
from fewstep.scoring.extractors.extractor import Extractor
from fewstep.scoring.extractors.lenet import block, to_network_range

LARGEST = 64  # side in pixels; larger images are reduced to it
FOLDED = 32  # above this side each square of 2 x 2 pixels becomes one pixel of four times as many channels
TURNS = 4  # classes: 0, 90, 180 and 270 degrees
WIDTHS = (16, 32, 64)  # channels of the convolutions; the last ones are the features
LEAST_DEVIATION = 1e-2  # a feature that hardly varies among the real images is not blown up


class RotNet(nn.Module):
    """Three convolutions and a linear classifier of the means of their maps, for images of `side` pixels.

    There is no hidden layer between: its features would hold the training images nearer to themselves than to other
    real images, the more the longer it is trained.
    """

    def __init__(self, side: int, channels: int) -> None:
        super().__init__()
        first = channels * 4 if _largest(side) > FOLDED else channels
        self.convolutions = nn.ModuleList(
            block(inputs, outputs) for inputs, outputs in zip((first, *WIDTHS), WIDTHS, strict=False)
        )
        self.classifier = nn.Linear(WIDTHS[-1], TURNS)
        self.register_buffer("centre", torch.zeros(WIDTHS[-1]))
        self.register_buffer("deviation", torch.ones(WIDTHS[-1]))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features [B, 64] and logits [B, 4] of float images [B, C, S, S] in [-1, 1], S at most 64."""
        x = folded(images)
        for i, convolution in enumerate(self.convolutions):
            if i and x.shape[-1] >= 8:
                x = functional.max_pool2d(x, 2)
            x = convolution(x)
        means = x.mean((2, 3))
        return (means - self.centre) / self.deviation, self.classifier(means)

    def standardise(self, features: Tensor) -> None:
        """Give the features [N, 64] of the real images mean 0 and deviation 1, those of other images alike."""
        self.centre.copy_(features.mean(0))
        self.deviation.copy_(features.std(0, unbiased=False).clamp_min(LEAST_DEVIATION))


class RotNetExtractor(Extractor):
    """64 features, in units of their deviation among the real images, and the logits of the 4 rotations.

    Images are square and have 1 or 3 channels.

    Args:
        path: a safetensors file of fewstep.scoring.extractors.rotnet_training.train, with its JSON manifest beside it.

    Raises:
        FewstepError: a file is missing or damaged, or the weights are not those that the manifest names.
    """

    label = "rotnet"
    resize = f"area-{LARGEST}"
    batch_size = 500

    def __init__(self, path: str | Path, device: str = "cpu") -> None:
        manifest = read_json(Path(path).with_suffix(".json"))
        self.weights_sha256 = manifest["sha256"]
        self.shape = [manifest["side"], manifest["side"], manifest["channels"]]
        self.device = device
        network = RotNet(manifest["side"], manifest["channels"])
        self.network = load_weights(network, path, self.weights_sha256).to(device)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        if list(images.shape[1:]) != self.shape:
            raise FewstepError(f"These rotnet weights are for images {self.shape}, not {list(images.shape[1:])}.")
        return self.network(to_network_range(reduced(images.to(self.device))))


def reduced(images: Tensor) -> Tensor:
    """uint8 [B, S, S, C] with S brought down to 64 at most, by the mean over areas, rounded."""
    side = _largest(images.shape[1])
    if side == images.shape[1]:
        return images
    means = functional.interpolate(images.permute(0, 3, 1, 2).float(), size=(side, side), mode="area")
    return means.round().to(torch.uint8).permute(0, 2, 3, 1)


def folded(images: Tensor) -> Tensor:
    """Float images [B, C, S, S] as the network takes them: [B, 4C, S/2, S/2] where S is above 32, without a loss."""
    return functional.pixel_unshuffle(images, 2) if images.shape[-1] > FOLDED else images


def _largest(side: int) -> int:
    """The side that images are reduced to; even where squares of 2 x 2 pixels are folded."""
    side = min(side, LARGEST)
    return side - side % 2 if side > FOLDED else side
