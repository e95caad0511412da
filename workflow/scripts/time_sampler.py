"""Time every cell of a method: throughput, latency, FLOPs, parameters, memory; cells timed before are kept."""

from pathlib import Path

import pandas as pd

from fewstep import devices, models, provenance
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.low_resolution import inputs_of
from fewstep.paths import ROOT
from fewstep.results import write_speed
from fewstep.sampling import Cell, class_counts
from fewstep.search import settled
from fewstep.timing import Settings, load_or_measure, sampler_cell


def time_sampler(job):
    settings = job.params.speed
    device = devices.use(job.params.device, settings["threads"])
    settings = Settings(**settings, device=str(device))
    card, name = read_json(job.input.card), job.wildcards.method
    shape, inputs = models.image_shape(card), inputs_of(card, job.input.get("held_out"))
    counts = None if inputs else class_counts(card, **job.params.labels)
    method = models.load_method(name)
    loaded, digests = models.load_recipes(name, job.params.recipes, shape, job.input.weights, device)
    cells, where = [], []
    for variant, nfe in job.params.cells:
        recipe = job.params.variants[variant]["recipe"]
        sampling = settled(job.params.variants[variant]["sampling"], job.input.searches, name, variant, nfe)
        cell = Cell(name, variant, nfe, 0, sampling, class_counts=counts)
        key = cell.key(digests[recipe], job.params.code, shape, inputs)
        cells.append(sampler_cell(method.sample, loaded[recipe], cell, shape, key, inputs))
        where.append({"dataset": job.wildcards.dataset, "method": name, "variant": variant, "nfe": nfe})
    record = provenance.record(ROOT, job.config, gpu=device.type == "cuda")
    provenance.save(record, job.params.results)
    folder = Path(job.output.speed).with_suffix("")
    rows = load_or_measure(folder, cells, settings, record["hardware"]["id"], Path(job.params.lock))
    write_speed(pd.DataFrame([{**w, **row} for w, row in zip(where, rows, strict=True)]), job.output.speed)


run_job(time_sampler, snakemake)
