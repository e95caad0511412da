"""What classifiers and observers said, kept by cell, so that a change of a statistic trains none of them again."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fewstep.errors import FewstepError
from fewstep.files import atomic_write


class Judged(NamedTuple):
    """Whose images were judged: a setting of a method, or real images and controls (method `data`, NFE 0)."""

    method: str
    variant: str
    nfe: int


DATA = "data"
REAL = Judged(DATA, "train", 0)  # the training set in place of samples
SHUFFLED = Judged(DATA, "shuffled", 0)  # the training set with its labels shuffled
HELD_OUT = Judged(DATA, "held_out", 0)  # held-out images in place of samples
NOISY = Judged(DATA, "noisy", 0)  # held-out images with a trace of noise
UNTRAINED = Judged(DATA, "untrained", 0)  # samples of a network that has learnt nothing


def write_judgements(path: str | Path, judgements: Mapping[Judged, Mapping[str, np.ndarray]]) -> None:
    """Write named arrays of each judged cell."""
    arrays = {
        f"{cell.method}/{cell.variant}/{cell.nfe}/{name}": array
        for cell, named in judgements.items()
        for name, array in named.items()
    }
    with atomic_write(path) as file:
        np.savez(file, **arrays)


def stacked(said: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The scores [N] of k observers, by name, as [k, N]."""
    return {name: np.stack([each[name] for each in said]) for name in said[0]}


def read_judgements(*paths: str | Path) -> dict[Judged, dict[str, np.ndarray]]:
    """What several files hold together; FewstepError if one is missing or damaged."""
    found: dict[Judged, dict[str, np.ndarray]] = {}
    for path in paths:
        try:
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
                for key, array in stored.items():
                    method, variant, nfe, name = key.split("/")
                    found.setdefault(Judged(method, variant, int(nfe)), {})[name] = array
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise FewstepError(f"{path}: these judgements cannot be read ({error}).") from None
    return found
