"""The Inception network of 2015-12-05 that FID, IS and KID are defined on, through torch-fidelity's definition.

Two changes to the arithmetic, none to the function: batch norms are folded into the convolutions and images lie
channels last, which together are 1.6 times faster on a CPU.
"""

import io
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from fewstep.base.errors import FewstepError
from fewstep.scoring.extractors.download import download, verify
from fewstep.scoring.extractors.extractor import Extractor
from fewstep.scoring.extractors.resize import RESIZES

URL = "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"


class InceptionExtractor(Extractor):
    """2048 features (last pooling) and 1008 logits without bias, of images with 1 or 3 channels and any size.

    Args:
        path: the weights in torch-fidelity's format; None downloads them (96 MB) into `folder`.
        resize: "tf1-bilinear" (the distance is FID) or "clean-bicubic" (clean-fid's).
        sha256: what the file must hash to.
        folder: where downloads are kept; None is the user's cache.

    Raises:
        FewstepError: no such file, another checksum, not this network's weights, an unknown resize, or a
            failed download.
    """

    batch_size = 16  # larger batches cost memory and gain nothing on a CPU

    def __init__(
        self,
        path: str | Path | None = None,
        resize: str = "tf1-bilinear",
        device: str = "cpu",
        sha256: str = SHA256,
        folder: str | Path | None = None,
    ) -> None:
        if resize not in RESIZES:
            raise FewstepError(f"resize: there is no resize {resize}; there are {', '.join(RESIZES)}.")
        self.resize = resize
        self.label = "inception" if resize == "tf1-bilinear" else "inception_clean"
        self.weights_sha256 = sha256
        self.device = device
        path = verify(path, sha256) if path else download(URL, sha256, folder or cache())
        self.layers, self.classes = _fold(_network(path))
        self.layers.to(device, memory_format=torch.channels_last)
        self.classes = self.classes.to(device)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        pixels = images.to(self.device).permute(0, 3, 1, 2).float()
        pixels = pixels.expand(-1, 3, -1, -1)
        x = (RESIZES[self.resize](pixels) - 128) / 128
        features = self.layers(x.contiguous(memory_format=torch.channels_last)).flatten(1)
        return features, features @ self.classes.T


def cache() -> str:
    """The folder where downloaded weights are kept."""
    import pooch

    return str(pooch.os_cache("fewstep"))


def _network(path: Path) -> nn.Module:
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    # torch-fidelity unpickles whatever its file holds; give it tensors that were read as nothing but tensors.
    tensors = io.BytesIO()
    try:
        torch.save(torch.load(path, map_location="cpu", weights_only=True), tensors)
        tensors.seek(0)
        return FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=tensors)
    except Exception as error:  # pickle, zip and state-dict errors have no common class
        raise FewstepError(f"{path}: these are not weights of the 2015 Inception network.") from error


def _fold(network: nn.Module) -> tuple[nn.Sequential, Tensor]:
    """All layers up to the pooled features, in order, with batch norms folded; and the classifier's weight
    [1008, 2048].
    """
    for block in network.modules():
        if hasattr(block, "bn"):
            block.conv = fuse_conv_bn_eval(block.conv, block.bn)
            block.bn = nn.Identity()
    *layers, classifier = network.children()
    return nn.Sequential(*layers).eval(), classifier.weight.detach()
