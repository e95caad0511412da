"""Images per second of every task, variant and NFE that a method edits, as rows of edits.csv."""

from pathlib import Path

import pandas as pd

from fewstep import devices, models, provenance
from fewstep.data import dealt, read_split
from fewstep.editing.cells import Cell
from fewstep.editing.timing import time_cells, timed_cell
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.paths import ROOT
from fewstep.results import write_edits
from fewstep.timing import Settings


def time_edits(job):
    settings = job.params.speed
    device = devices.use(job.params.device, settings["threads"])
    shape, name = models.image_shape(read_json(job.input.card)), job.wildcards.method
    method = models.load_method(name)
    loaded, _ = models.load_recipes(name, job.params.recipes, shape, job.input.weights, device)
    real, timed = dealt(read_split(job.input.held_out)), []
    for asked in job.params.cells:
        cell = Cell(name, asked["variant"], asked["task"], asked["nfe"], job.params.seed, asked["settings"])
        timed.append(timed_cell(method.edit, loaded[asked["recipe"]], cell, shape, real))
    made_by = provenance.save(provenance.record(ROOT, job.config, device.type == "cuda"), job.params.results)
    common = {"dataset": job.wildcards.dataset, "method": name, "seed": job.params.seed, "provenance": made_by}
    rows = time_cells(timed, Settings(**settings, device=str(device)), Path(job.params.lock))
    names = [{key: asked[key] for key in ("task", "variant", "nfe")} for asked in job.params.cells]
    write_edits(
        pd.DataFrame([{**common, **who, **row} for who, row in zip(names, rows, strict=True)]), job.output.speed
    )


run_job(time_edits, snakemake)
