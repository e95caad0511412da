"""LPIPS (Zhang et al. 2018, arXiv:1801.03924), version 0.1 on VGG-16: learned perceptual distance of image pairs.

Its weights are trained by others and do not ship: they are read from the two files that torchvision and the authors
publish, as tensors alone.
"""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fewstep.base.errors import FewstepError

COMPARED = (3, 8, 15, 22, 29)  # after relu1_2, relu2_2, relu3_3, relu4_3 and relu5_3
CHANNELS = (64, 128, 256, 512, 512)
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # ImageNet's, for pixels in [-1, 1]
SMALLEST = 16  # pixels that four poolings leave one of
CHUNK = 100  # pairs per call of the network


class LPIPS(nn.Module):
    """The network of the distance; `features` and `weights` have random values until loaded."""

    def __init__(self):
        from torchvision.models.vgg import cfgs, make_layers  # slow to import, and seldom asked for

        super().__init__()
        self.features = make_layers(cfgs["D"])[: COMPARED[-1] + 1]
        self.weights = nn.ParameterList(torch.rand(1, channels, 1, 1) for channels in CHANNELS)
        self.register_buffer("shift", torch.tensor(SHIFT).reshape(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor(SCALE).reshape(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def forward(self, images: Tensor, truths: Tensor) -> Tensor:
        """Distance [N] of images and truths [N, 1 or 3, H, W] in [-1, 1]; grey ones count as three equal channels.

        Raises:
            FewstepError: images of less than 16 pixels, which the network cannot see.
        """
        if min(images.shape[-2:]) < SMALLEST:
            raise FewstepError(f"LPIPS needs images of {SMALLEST} pixels or more, not {min(images.shape[-2:])}.")
        device, distance = self.shift.device, []
        for pair in zip(images.split(CHUNK), truths.split(CHUNK), strict=True):
            mine, theirs = (self._normalised(x.to(device)) for x in pair)
            parts = zip(self.weights, mine, theirs, strict=True)
            distance.append(sum((w * (a - b).square()).sum(1).mean((1, 2)) for w, a, b in parts))
        return torch.cat(distance).cpu()

    def _normalised(self, images: Tensor) -> list[Tensor]:
        """Features of the compared layers, of length 1 at every position."""
        x, found = (images.float().expand(-1, 3, -1, -1) - self.shift) / self.scale, []
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i in COMPARED:
                found.append(F.normalize(x, dim=1, eps=1e-10))
        return found


def load(vgg16: str | Path, linear: str | Path, device: str = "cpu") -> LPIPS:
    """The distance with its published weights.

    Args:
        vgg16: torchvision's vgg16-397923af.pth.
        linear: the authors' weights/v0.1/vgg.pth.

    Raises:
        FewstepError: a file is not these weights.
    """
    model, features = LPIPS(), _tensors(vgg16)
    weights = _tensors(linear)
    _fill(model.features, {k.removeprefix("features."): v for k, v in features.items() if "features." in k}, vgg16)
    _fill(model.weights, {str(i): weights.get(f"lin{i}.model.1.weight") for i in range(len(CHANNELS))}, linear)
    return model.to(device)


def _tensors(path: str | Path) -> Mapping[str, Any]:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise FewstepError(f"{path}: this is not a file of PyTorch tensors ({str(error).split(chr(10))[0]}).") from None


def _fill(module: nn.Module, state: Mapping[str, Any], path: str | Path) -> None:
    try:
        module.load_state_dict({name: state[name] for name in module.state_dict()})
    except (KeyError, AttributeError, RuntimeError):
        raise FewstepError(f"{path}: these are not weights of LPIPS on VGG-16 (see config/README.md).") from None
