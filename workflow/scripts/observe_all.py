"""Train one observer against all cells of a data set together, once for each seed (the generalist)."""

from pathlib import Path

import numpy as np

from fewstep import devices
from fewstep.classifiers import observers
from fewstep.classifiers.items import items_of
from fewstep.classifiers.store import Judged, write_judgements
from fewstep.features import read_cells
from fewstep.files import read_json
from fewstep.jobs import run_job


def observe_all(job):
    device = devices.use(job.params.device, job.threads)
    rules, seeds = observers.Rules(**job.params.rules), job.params.seeds
    items = items_of(read_json(job.input.card), job.input.test, job.params.images)
    samples = {
        Judged(manifest.stem, *cell): by_seed
        for manifest in map(Path, job.input.samples)
        for cell, by_seed in read_cells(manifest, job.params.cells[manifest.stem], seeds, items.truth)
    }
    said = []
    for seed in seeds:
        fakes = [by_seed[seed] for by_seed in samples.values()]
        said.append(observers.observe_all(items.real, fakes, rules, seed, device))
    kept = {}
    for judged, scores in zip(samples, zip(*said, strict=True), strict=True):
        about_real, about_fake = (np.stack(side) for side in zip(*scores, strict=True))
        kept[judged] = {"generalist_real": about_real, "generalist_fake": about_fake}
    write_judgements(job.output.scores, kept)


run_job(observe_all, snakemake)
