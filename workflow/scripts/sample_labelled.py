"""Sample cells of a method once for each training image, with that image's label: what classifiers learn from."""

from pathlib import Path

from fewstep import devices, models
from fewstep.data import read_split
from fewstep.files import read_json, write_json
from fewstep.jobs import run_job
from fewstep.sampling import Cell, sample_cell
from fewstep.search import settled


def sample_labelled(job):
    device = devices.use(job.params.device, job.threads)
    shape, labels = models.image_shape(read_json(job.input.card)), read_split(job.input.train).labels
    name, method = job.wildcards.method, models.load_method(job.wildcards.method)
    loaded, digests = models.load_recipes(name, job.params.recipes, shape, job.input.weights, device)
    folder, entries = Path(job.output.manifest).with_suffix(""), []
    for variant, nfe in job.params.cells:
        recipe = job.params.variants[variant]["recipe"]
        sampling = settled(job.params.variants[variant]["sampling"], job.input.searches, name, variant, nfe)
        cell = Cell(name, variant, nfe, job.params.seed, sampling, labels)
        entries.append(
            sample_cell(
                method.sample,
                loaded[recipe],
                cell,
                shape,
                folder,
                cell.key(digests[recipe], job.params.code, shape),
                len(labels),
                job.params.shard_size,
                job.params.batch_size,
            )
        )
    write_json(job.output.manifest, {"cells": entries})


run_job(sample_labelled, snakemake)
