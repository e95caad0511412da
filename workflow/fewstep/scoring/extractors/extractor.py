"""What every feature extractor is: uint8 images in, features and logits out, with an identity that numbers
carry.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from fewstep.base.errors import FewstepError


class Extractor(ABC):
    """A frozen network. Two extractors give comparable numbers only if their identities are equal.

    Attributes:
        label: what metric names end in (`fd_<label>`); "inception" alone is what makes a distance an FID.
        resize: the name of the resize between the images and the network ("none" where there is none).
        weights_sha256: hex digest of the weights' file.
    """

    label: str
    resize: str
    weights_sha256: str
    batch_size: int

    @property
    def identity(self) -> dict[str, str]:
        """What a reference must share with the samples that are compared with it."""
        return {"label": self.label, "resize": self.resize, "weights_sha256": self.weights_sha256}

    @abstractmethod
    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features [B, D] and logits [B, K], float32, of a batch of uint8 images [B, H, W, C]."""

    @torch.inference_mode()
    def features(self, images: np.ndarray, progress: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Features [N, D] and logits [N, K], float32, of uint8 images [N, H, W, C].

        Raises:
            FewstepError: the images are not uint8 [N, H, W, C], or the network returns a value that is not
                finite.
        """
        check_images(images)
        batches = [self.forward(batch) for batch in self._batches(images, progress)]
        features, logits = (torch.cat(parts).cpu().numpy() for parts in zip(*batches, strict=True))
        if not (np.isfinite(features).all() and np.isfinite(logits).all()):
            raise FewstepError(f"The {self.label} extractor returned features that are not finite.")
        return features, logits

    def _batches(self, images: np.ndarray, progress: bool) -> Iterator[Tensor]:
        bar = tqdm(total=len(images), desc=f"{self.label} features", unit="img", disable=not progress)
        with bar:
            for start in range(0, len(images), self.batch_size):
                batch = images[start : start + self.batch_size]
                yield torch.from_numpy(np.ascontiguousarray(batch))
                bar.update(len(batch))


def check_images(images: np.ndarray) -> None:
    """Refuse anything but a non-empty uint8 array [N, H, W, C] with 1 or 3 channels."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3) or len(images) == 0:
        raise FewstepError(f"Extractors take uint8 images [N, H, W, 1 or 3], not {images.dtype} {list(images.shape)}.")
