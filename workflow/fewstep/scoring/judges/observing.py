"""What observers are trained on: one cell after the other, all cells together, or images whose answers are known."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from fewstep.contract import conditions, models
from fewstep.plan.cells import GENERATE, Cell
from fewstep.sampling.shards import read_manifests
from fewstep.scoring.judges import observers
from fewstep.scoring.judges.controls import observe_controls, untrained
from fewstep.scoring.judges.items import Items
from fewstep.scoring.judges.observers import Rules, judge
from fewstep.scoring.judges.stored_answers import Setting, stacked

Answers = dict[Setting, dict[str, np.ndarray]]


class Run(NamedTuple):
    """What all observers of a data set share.

    Attributes:
        items: the held-out images.
        rules: of every training.
        seeds: of sampling; each has an observer of its own.
    """

    items: Items
    rules: Rules
    seeds: Sequence[int]
    device: torch.device | str


def one_by_one(run: Run, params: Mapping[str, Any], manifests: Sequence[Path], card: Mapping[str, Any]) -> Answers:
    """Answers of observers of one cell and seed each."""
    shown = None if run.items.inputs is None else (run.items.shown, run.items.shown)
    found = {}
    for setting, by_seed in _samples(run, params, manifests):
        scores = [judge(run.items.real, by_seed[seed], shown, run.rules, seed, run.device) for seed in run.seeds]
        found[setting] = stacked(scores)
    return found


def together(run: Run, params: Mapping[str, Any], manifests: Sequence[Path], card: Mapping[str, Any]) -> Answers:
    """Answers of one observer of all cells for each seed."""
    samples = dict(_samples(run, params, manifests))
    by_seed = []
    for seed in run.seeds:
        fakes = [images[seed] for images in samples.values()]
        by_seed.append(observers.observe_all(run.items.real, fakes, run.rules, seed, run.device))
    found = {}
    for setting, scores in zip(samples, zip(*by_seed, strict=True), strict=True):
        of_real, of_fake = (np.stack(side) for side in zip(*scores, strict=True))
        found[setting] = {"generalist_real": of_real, "generalist_fake": of_fake}
    return found


def controls(run: Run, params: Mapping[str, Any], manifests: Sequence[Path], card: Mapping[str, Any]) -> Answers:
    """Answers where the right one is known: real against real images, a trace of noise, an untrained network."""
    network, shape = params["untrained"], models.image_shape(card)
    condition = run.items.inputs or conditions.make(GENERATE, card, labels=params["labels"])
    by_seed = []
    for seed in run.seeds:
        cell = Cell(*network["cell"])._replace(seed=seed)
        sizes = params["count"], params["batch_size"]
        samples = untrained(cell, network["recipe"], network["settings"], shape, condition, *sizes, run.device)
        by_seed.append(observe_controls(run.items, samples, run.rules, seed, run.device))
    return {control: stacked([each[control] for each in by_seed]) for control in by_seed[0]}


def _samples(
    run: Run, params: Mapping[str, Any], manifests: Sequence[Path]
) -> Iterator[tuple[Setting, dict[int, np.ndarray]]]:
    """The samples of each setting by seed, uint8 [count, H, W, C]."""
    known = {shards.cell: shards for shards in read_manifests(manifests)}
    for names in params["cells"]:
        cell, by_seed = Cell(*names), {}
        for seed in run.seeds:
            shards = known[cell._replace(seed=seed)]
            shards.require_truth(run.items.truth)
            by_seed[seed] = shards.first(len(shards))
        yield Setting.of(cell), by_seed
