"""Edit held-out images with one method: every task, variant, NFE and seed; only what is missing is made."""

from pathlib import Path

from fewstep import devices, models
from fewstep.data import dealt, read_split
from fewstep.editing.cells import Cell, edit_cell, first
from fewstep.files import read_json, write_json
from fewstep.jobs import run_job


def edit(job):
    device = devices.use(job.params.device, job.threads)
    shape, name = models.image_shape(read_json(job.input.card)), job.wildcards.method
    method = models.load_method(name)
    loaded, digests = models.load_recipes(name, job.params.recipes, shape, job.input.weights, device)
    held_out = dealt(read_split(job.input.held_out))
    real = first(held_out, job.params.edits["count"], f"datasets.{job.wildcards.dataset}.edits.count")
    folder, samples = Path(job.output.manifest).with_suffix(""), job.params.samples
    entries = []
    for asked in job.params.cells:
        for seed in job.params.edits["seeds"]:
            cell = Cell(name, asked["variant"], asked["task"], asked["nfe"], seed, asked["settings"])
            key = cell.key(digests[asked["recipe"]], job.params.code, shape, held_out)
            entry = edit_cell(
                method.edit,
                loaded[asked["recipe"]],
                cell,
                shape,
                real,
                folder,
                key,
                samples["shard_size"],
                samples["batch_size"],
            )
            entries.append(entry)
    write_json(job.output.manifest, {"cells": entries})


run_job(edit, snakemake)
