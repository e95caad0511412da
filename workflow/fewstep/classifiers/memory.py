"""The memorisation check beside the accuracy score: rows that tell how near samples come to the training images."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from fewstep.classifiers.rows import Row, row
from fewstep.classifiers.store import DATA, Setting
from fewstep.extractors.base import Extractor
from fewstep.metrics.memorisation import copies, nearer, nearest


def memorisation_rows(
    images: Mapping[Setting, Callable[[], np.ndarray]], real: np.ndarray, held_out: np.ndarray, extractor: Extractor
) -> Iterator[Row]:
    """Rows of `nearer_to_training` and `training_copies` for each cell; of the latter also one for held-out images.

    Args:
        images: functions that read a cell's samples, uint8 [N, H, W, C].
        real: training images; held_out: real images that no generator was trained on.
        extractor: distances are between its features.
    """

    def features(some: np.ndarray) -> Tensor:
        return torch.from_numpy(extractor.features(some)[0])

    training = features(real)
    usual = nearest(features(held_out), training)
    yield row(Setting(DATA, "test", 0), "training_copies", copies(usual, usual), len(usual), 0)
    for cell, read in images.items():
        distances = nearest(features(read()), training)
        yield row(cell, "nearer_to_training", nearer(distances, usual), len(distances), 0)
        yield row(cell, "training_copies", copies(distances, usual), len(distances), 0)
