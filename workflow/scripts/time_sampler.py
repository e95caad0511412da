"""Time every cell of a method: throughput, latency, FLOPs, parameters, memory; cells timed before are kept."""

from pathlib import Path

import pandas as pd

from fewstep import devices, models
from fewstep.data import read_card
from fewstep.files import sha256_file
from fewstep.jobs import run_job
from fewstep.provenance import hardware_id
from fewstep.results import write_speed
from fewstep.sampling import Cell
from fewstep.timing import Settings, load_or_measure, sampler_cell


def time_sampler(job):
    device = devices.use(job.params.device, job.threads)
    shape = models.image_shape(read_card(job.input.card))
    name = job.wildcards.method
    method = models.load_method(name)
    settings = Settings(**job.params.speed, device=str(device))
    loaded = {
        Path(path).stem: (
            models.load(name, job.params.recipes[Path(path).stem], shape, path, device),
            sha256_file(path),
        )
        for path in job.input.weights
    }
    cells = []
    for variant, nfe in job.params.cells:
        recipe, sampling = job.params.variants[variant]["recipe"], job.params.variants[variant]["sampling"]
        model, digest = loaded[recipe]
        cell = Cell(name, variant, nfe, seed=0, settings=sampling)
        cells.append(sampler_cell(method.sample, model, cell, shape, cell.key(digest, job.params.code, shape)))
    rows = load_or_measure(
        Path(job.output.speed).with_suffix(""), cells, settings, hardware_id(), Path(job.params.lock)
    )
    where = [
        {"dataset": job.wildcards.dataset, "method": name, "variant": variant, "nfe": nfe}
        for variant, nfe in job.params.cells
    ]
    write_speed(pd.DataFrame([{**w, **row} for w, row in zip(where, rows, strict=True)]), job.output.speed)


run_job(time_sampler, snakemake)
