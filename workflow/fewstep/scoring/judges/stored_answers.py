"""What classifiers and observers answered, kept by setting: a change of a statistic trains none of them again."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fewstep.base.errors import FewstepError
from fewstep.base.files import atomic_write
from fewstep.plan.cells import DATA, Cell


class Setting(NamedTuple):
    """Whose images: a setting of a method and a training of it, or real images and controls (method `data`, NFE 0)."""

    method: str
    variant: str
    nfe: int
    training_seed: int = 0

    @classmethod
    def of(cls, cell: Cell) -> "Setting":
        """The setting of a cell, of any seed of sampling."""
        return cls(cell.method, cell.variant, cell.nfe, cell.training_seed)


REAL = Setting(DATA, "train", 0)  # the training set in place of samples
SHUFFLED = Setting(DATA, "shuffled", 0)  # the training set with its labels shuffled
HELD_OUT = Setting(DATA, "held_out", 0)  # held-out images in place of samples
NOISY = Setting(DATA, "noisy", 0)  # held-out images with a trace of noise
UNTRAINED = Setting(DATA, "untrained", 0)  # samples of a network that has learnt nothing


def write_answers(path: str | Path, answers: Mapping[Setting, Mapping[str, np.ndarray]]) -> None:
    """Write named arrays of each setting."""
    arrays = {
        "/".join([*map(str, cell), name]): array for cell, named in answers.items() for name, array in named.items()
    }
    with atomic_write(path) as file:
        np.savez(file, **arrays)


def stacked(answers: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The scores [N] of k observers, by name, as [k, N]."""
    return {name: np.stack([each[name] for each in answers]) for name in answers[0]}


def read_answers(*paths: str | Path) -> dict[Setting, dict[str, np.ndarray]]:
    """What several files hold together; FewstepError if one is missing or damaged."""
    found: dict[Setting, dict[str, np.ndarray]] = {}
    for path in paths:
        try:
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
                for key, array in stored.items():
                    method, variant, nfe, training_seed, name = key.split("/")
                    found.setdefault(Setting(method, variant, int(nfe), int(training_seed)), {})[name] = array
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise FewstepError(f"{path}: these answers cannot be read ({error}).") from None
    return found
