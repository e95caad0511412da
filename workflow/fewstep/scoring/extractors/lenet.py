"""A small classifier whose features stand in for Inception's on images that Inception was not made for.

In the spirit of LeNet-5 (LeCun et al. 1998): on 28x28 digits its 64 features say more than the 2048 of a
network trained on photographs, they cost nothing, and with shipped weights the numbers are the same on every
machine.
"""

from pathlib import Path

from torch import Tensor, nn

from fewstep.base.checkpoints import load_weights
from fewstep.base.errors import FewstepError
from fewstep.base.files import read_json
from fewstep.scoring.extractors.extractor import Extractor

FEATURES = 64


class LeNet(nn.Module):
    """Three convolutions, one hidden layer of 64, a linear classifier; any image of 4x4 pixels or more."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(block(channels, 16), block(16, 32), block(32, 48))
        self.hidden = nn.Linear(48 * 3 * 3, FEATURES)
        self.classifier = nn.Linear(FEATURES, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features [B, 64] and logits [B, classes] of float images [B, C, H, W] in [-1, 1]."""
        x = images
        for convolution in self.convolutions:
            x = convolution(x)
            if x.shape[-1] >= 8:
                x = nn.functional.max_pool2d(x, 2)
        x = nn.functional.adaptive_avg_pool2d(x, 3).flatten(1)
        # Smooth: a rectified feature that is dead on a data set would leave its covariance singular.
        features = nn.functional.silu(self.hidden(x))
        return features, self.classifier(features)


def block(inputs: int, outputs: int) -> nn.Sequential:
    """A convolution of 3 x 3 pixels that keeps the size, normalised."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.SiLU())


class LeNetExtractor(Extractor):
    """The classifier with the weights of one data set: a safetensors file with its JSON manifest beside it.

    Raises:
        FewstepError: a file is missing or damaged, or the weights are not those that the manifest names.
    """

    resize = "none"
    batch_size = 500

    def __init__(self, path: str | Path, device: str = "cpu") -> None:
        manifest = read_json(Path(path).with_suffix(".json"))
        self.label = manifest.get("label", "lenet")  # rotnet: trained to tell rotations, for want of classes
        self.weights_sha256 = manifest["sha256"]
        self.channels = manifest["channels"]
        self.device = device
        network = LeNet(self.channels, manifest["classes"])
        self.network = load_weights(network, path, self.weights_sha256).to(device)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        if images.shape[3] != self.channels:
            raise FewstepError(f"These lenet weights are for {self.channels} channels, not {images.shape[3]}.")
        return self.network(to_network_range(images.to(self.device)))


def to_network_range(images: Tensor) -> Tensor:
    """uint8 [B, H, W, C] -> float32 [B, C, H, W] in [-1, 1]."""
    return images.permute(0, 3, 1, 2).float() / 127.5 - 1
