"""What every sample set is, whatever it is read from."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np


class SampleFiles(ABC):
    """Images of one shape in a fixed order, perhaps with labels.

    Attributes:
        path: of the folder or file.
        shape: (H, W, C) of every image; C is 1 (grey) or 3 (RGB).
        labels: int64 [N], 0..K-1, or None.
        class_names: names of the K classes by label; None without labels.
    """

    path: Path
    shape: tuple[int, int, int]
    labels: np.ndarray | None
    class_names: tuple[str, ...] | None

    @abstractmethod
    def __len__(self) -> int:
        """Number of images."""

    @abstractmethod
    def _blocks(self, size: int) -> Iterator[np.ndarray]:
        """The images in order, uint8 [n, H, W, C], `size` at a time."""

    @property
    def has_labels(self) -> bool:
        return self.labels is not None

    def batches(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """Images uint8 [n, H, W, C] with labels int64 [n] or None, in order; n = `size`, and less in the last batch.

        No more than one batch is held.

        Raises:
            FewstepError: an image is damaged, has another shape than the first one, or would lose something on its way
                to 8 bits of grey or RGB (see `fewstep.images.decode`); the sentence names the file.
        """
        start = 0
        for images in self._blocks(size):
            end = start + len(images)
            yield images, None if self.labels is None else self.labels[start:end]
            start = end
