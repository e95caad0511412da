"""Train an observer against each cell and seed of a method, and ask it about images that it has not seen."""

from pathlib import Path

import numpy as np

from fewstep import devices
from fewstep.classifiers.observers import Rules
from fewstep.classifiers.observers import observe as ask
from fewstep.classifiers.store import Judged, write_judgements
from fewstep.data import read_split
from fewstep.features import read_cells
from fewstep.jobs import run_job


def observe(job):
    device = devices.use(job.params.device, job.threads)
    real, rules, said = read_split(job.input.test).images, Rules(**job.params.rules), {}
    samples = read_cells(Path(job.input.samples), job.params.cells, job.params.seeds)
    for (variant, nfe), by_seed in samples:
        scores = [ask(real, images, rules, seed, device) for seed, images in by_seed.items()]
        real_scores, fake_scores = (np.stack(side) for side in zip(*scores, strict=True))
        said[Judged(job.wildcards.method, variant, nfe)] = {"real": real_scores, "fake": fake_scores}
    write_judgements(job.output.scores, said)


run_job(observe, snakemake)
