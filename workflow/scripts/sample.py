"""Make a part of the images of a method's cells, of one kind of task; only what is missing is made."""

from pathlib import Path

from fewstep.base import devices
from fewstep.base.files import write_json
from fewstep.base.jobs import run_job
from fewstep.contract.conditions import check_count, drawn_by
from fewstep.sampling.load import samplers
from fewstep.sampling.sampler import sample_cell


def sample(job):
    device = devices.use(job.params.device, job.threads)
    folder, part, cells = Path(job.output.manifest).parent, job.params.images, []
    for sampler, weights in samplers(vars(job.params), job.input, device):
        condition = sampler.condition
        count = condition.count if part["count"] is None else part["count"]
        check_count(condition, part["start"] + count, f"datasets.{sampler.cell.dataset}.{part['key']}")
        key = sampler.key(weights, job.params.pixels)
        sizes = job.params.shard_size, job.params.batch_size
        entry = sample_cell(sampler, folder, key, part["start"], count, *sizes)
        cells.append({**entry, "weights": weights, "labels": drawn_by(condition, vars(job.params))})
    write_json(job.output.manifest, {"cells": cells})


run_job(sample, snakemake)
