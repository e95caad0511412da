"""Train an observer against each cell and seed of a method, and ask it about images that it has not seen."""

from pathlib import Path

import numpy as np

from fewstep import devices
from fewstep.classifiers.items import items_of
from fewstep.classifiers.observers import Rules, beside
from fewstep.classifiers.observers import observe as ask
from fewstep.classifiers.store import Judged, write_judgements
from fewstep.features import read_cells
from fewstep.files import read_json
from fewstep.jobs import run_job


def observe(job):
    device = devices.use(job.params.device, job.threads)
    rules, said = Rules(**job.params.rules), {}
    items = items_of(read_json(job.input.card), job.input.test, job.params.images)
    samples = read_cells(Path(job.input.samples), job.params.cells, job.params.seeds, items.truth)
    for (variant, nfe), by_seed in samples:
        alone = [ask(items.real, images, rules, seed, device) for seed, images in by_seed.items()]
        scores = stacked(alone, "")
        if items.inputs is not None:
            shown = items.shown
            real = beside(shown, items.real)
            with_input = [ask(real, beside(shown, images), rules, seed, device) for seed, images in by_seed.items()]
            scores |= stacked(alone, "paired_") | stacked(with_input, "input_shown_")
        said[Judged(job.wildcards.method, variant, nfe)] = scores
    write_judgements(job.output.scores, said)


def stacked(scores, prefix):
    real, fake = (np.stack(side) for side in zip(*scores, strict=True))
    return {f"{prefix}real": real, f"{prefix}fake": fake}


run_job(observe, snakemake)
