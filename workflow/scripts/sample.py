"""Sample every cell of a method: all variants, NFE settings and seeds; only what is missing is made."""

from pathlib import Path

from fewstep import devices, models
from fewstep.files import read_json, write_json
from fewstep.jobs import run_job
from fewstep.sampling import Cell, sample_cell


def sample(job):
    device = devices.use(job.params.device, job.threads)
    shape = models.image_shape(read_json(job.input.card))
    name, settings = job.wildcards.method, job.params.samples
    method = models.load_method(name)
    loaded, digests = models.load_recipes(name, job.params.recipes, shape, job.input.weights, device)
    folder = Path(job.output.manifest).with_suffix("")
    entries = []
    for variant, nfe in job.params.cells:
        recipe, sampling = job.params.variants[variant]["recipe"], job.params.variants[variant]["sampling"]
        for seed in settings["seeds"]:
            cell = Cell(name, variant, nfe, seed, sampling)
            key = cell.key(digests[recipe], job.params.code, shape)
            entry = sample_cell(
                method.sample,
                loaded[recipe],
                cell,
                shape,
                folder,
                key,
                settings["count"],
                settings["shard_size"],
                settings["batch_size"],
            )
            entries.append({**entry, "weights": digests[recipe]})
    write_json(job.output.manifest, {"cells": entries})


run_job(sample, snakemake)
