"""What raters see, without the truth, and the truth apart from it.

The page must balance the sides without knowing which image is real. Trials therefore come in couples: of the two, one
has the real image as `a` and the other as `b`, and the key alone knows which. The page turns a couple as a whole, so
that the real image stands on the left in exactly half of the trials of every arm, whatever the rater's seed is.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import torch

from fewstep.base.files import sha256_json
from fewstep.images.noise import torch_generator
from fewstep.study.design import Trial
from fewstep.study.kinds import CATCH, PRACTICE, WITH_LOW_RESOLUTION
from fewstep.study.png import uncompressed

FORMAT = 1


class Blinded(NamedTuple):
    """`page`: what the page holds; `key`: the truth by the names of the trials. Both name the study, and are JSON."""

    page: dict[str, Any]
    key: dict[str, Any]


def blind(trials: Sequence[Trial], settings: Mapping[str, Any], dataset: str) -> Blinded:
    """Part the trials of a design into a page and its key.

    Args:
        settings: the profile's section: `trials` per rater, arm and task, `view_seconds`, `seed`.
    """
    key: dict[str, Any] = {}
    tasks = [_task(task, list(group), settings, key) for task, group in groupby(trials, lambda trial: trial.task)]
    side = len(trials[0].real)
    page = {"format": FORMAT, "view_seconds": settings["view_seconds"], "side": side, "tasks": tasks}
    study = sha256_json([page, key])[:16]
    return Blinded(
        {**page, "study": study},
        {"format": FORMAT, "study": study, "dataset": dataset, "view_seconds": settings["view_seconds"], "trials": key},
    )


def _task(task: int, trials: list[Trial], settings: Mapping[str, Any], key: dict[str, Any]) -> dict[str, Any]:
    """The page's part of one task; fills the key."""
    groups, practice = [], []
    for (kind, name), members in groupby(trials, lambda trial: (trial.kind, trial.arm and trial.arm.name)):
        couples = _couples(list(members), settings["seed"], (task, kind, name), key)
        if kind == PRACTICE:
            # Only these are revealed: their images are in no other trial.
            practice = [{**shown, "real": key.pop(shown["trial"])["real"]} for couple in couples for shown in couple]
        else:
            draw = len(couples) if kind == CATCH else settings["trials"] // 2
            groups.append({"draw": draw, "couples": couples})
    # In the order of names that mean nothing, as the couples and their trials are.
    groups.sort(key=lambda group: group["couples"][0][0]["trial"])
    return {"low": task == WITH_LOW_RESOLUTION, "practice": practice, "groups": groups}


def _couples(
    trials: list[Trial], seed: int, words: tuple[object, ...], key: dict[str, Any]
) -> list[list[dict[str, Any]]]:
    """The trials in couples at random; in each the real image is `a` of one and `b` of the other. Fills the key."""
    generator = torch_generator(seed, "study", "couples", *words)
    order = torch.randperm(len(trials), generator=generator).tolist()
    coins = torch.randint(2, (len(trials) // 2,), generator=generator).tolist()
    couples = []
    for coin, first, second in zip(coins, order[::2], order[1::2], strict=True):
        couple = []
        for trial, is_a in ((trials[first], coin), (trials[second], 1 - coin)):
            name = sha256_json([seed, "trial", trial.task, trial.item])[:12]
            key[name] = _truth(trial, "ab"[1 - is_a])
            pair = (trial.real, trial.other) if is_a else (trial.other, trial.real)
            shown = {"trial": name} | {letter: uncompressed(image) for letter, image in zip("ab", pair, strict=True)}
            couple.append(shown | ({} if trial.low is None else {"low": uncompressed(trial.low)}))
        couples.append(sorted(couple, key=lambda shown: shown["trial"]))
    return sorted(couples, key=lambda couple: couple[0]["trial"])


def _truth(trial: Trial, real: str) -> dict[str, Any]:
    """What the key says of a trial: which image is real, and where both come from."""
    truth = {"task": trial.task, "kind": trial.kind, "item": trial.item, "real": real}
    if trial.arm is None:
        return truth
    cell = {"method": trial.arm.method, "variant": trial.arm.variant, "nfe": trial.arm.nfe, "sample": trial.sample}
    return truth | cell
