"""Bring samples that someone else made into the run's own form, one shard at a time."""

from pathlib import Path

from fewstep.base.files import read_json, write_json
from fewstep.base.jobs import run_job
from fewstep.plan.cells import Cell
from fewstep.sampling.importing import import_cell


def import_samples(job):
    card, params = read_json(job.input.card), job.params
    folder, entries = Path(job.output.manifest).parent, []
    for names, path, stamp in zip(params.cells, params.paths, params.stamps, strict=True):
        entries.append(import_cell(Cell(*names), path, stamp, card, folder, params.shard_size))
    write_json(job.output.manifest, {"cells": entries})


run_job(import_samples, snakemake)
