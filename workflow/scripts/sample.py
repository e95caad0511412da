"""Sample every cell of a method: all variants, NFE settings and seeds; only what is missing is made."""

from pathlib import Path

from fewstep import devices, models
from fewstep.files import read_json, write_json
from fewstep.jobs import run_job
from fewstep.low_resolution import check_count, inputs_of
from fewstep.sampling import Cell, class_counts, sample_cell
from fewstep.search import settled


def sample(job):
    device = devices.use(job.params.device, job.threads)
    card, name, settings = read_json(job.input.card), job.wildcards.method, job.params.samples
    shape, inputs = models.image_shape(card), inputs_of(card, job.input.get("held_out"))
    check_count(inputs, settings["count"], job.wildcards.dataset)
    counts = None if inputs else class_counts(card, **job.params.labels)
    drawn_by = job.params.labels["rule"] if counts and job.params.conditional else None
    method = models.load_method(name)
    loaded, digests = models.load_recipes(name, job.params.recipes, shape, job.input.weights, device)
    folder = Path(job.output.manifest).with_suffix("")
    entries = []
    for variant, nfe in job.params.cells:
        recipe = job.params.variants[variant]["recipe"]
        sampling = settled(job.params.variants[variant]["sampling"], job.input.searches, name, variant, nfe)
        for seed in settings["seeds"]:
            cell = Cell(name, variant, nfe, seed, sampling, class_counts=counts)
            key = cell.key(digests[recipe], job.params.code, shape, inputs)
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
                inputs,
            )
            entries.append({**entry, "weights": digests[recipe], "labels": drawn_by})
    write_json(job.output.manifest, {"cells": entries})


run_job(sample, snakemake)
