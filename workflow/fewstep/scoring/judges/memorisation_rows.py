"""The memorisation check beside the accuracy score: rows that tell how near samples come to the training images."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor

from fewstep.contract.conditions import truth_of
from fewstep.scoring.extractors.extractor import Extractor
from fewstep.scoring.judges.stored_answers import DATA, Setting
from fewstep.scoring.metrics.memorisation import copies, nearer, nearest
from fewstep.scoring.protocols import protocol
from fewstep.scoring.rows import Row, row
from fewstep.scoring.sets import extractor_key


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

    identity = extractor.identity
    names = {"reference": truth_of(real), "extractor": extractor_key(identity), "protocol": protocol(identity)}
    make, training = partial(row, **names), features(real)
    usual = nearest(features(held_out), training)
    yield Setting(DATA, "test", 0)._asdict() | make("training_copies", copies(usual, usual), len(usual))
    for cell, read in images.items():
        distances = nearest(features(read()), training)
        yield cell._asdict() | make("nearer_to_training", nearer(distances, usual), len(distances))
        yield cell._asdict() | make("training_copies", copies(distances, usual), len(distances))
