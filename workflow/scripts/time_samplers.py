"""Time every cell of a data set: throughput, latency, FLOPs, parameters, memory; cells timed before are kept."""

from itertools import groupby
from pathlib import Path

import pandas as pd

from fewstep.base import devices, provenance
from fewstep.base.folders import ROOT
from fewstep.base.jobs import run_job
from fewstep.results.tables import write_speed
from fewstep.sampling.load import samplers
from fewstep.speed import Settings, load_or_measure, sampler_workload


def time_samplers(job):
    params = job.params
    device = devices.use(params.device, params.settings["threads"])
    settings = Settings(**params.settings, device=str(device))
    record = provenance.record(ROOT, job.profile, gpu=device.type == "cuda")
    provenance.save(record, params.results)
    folder, rows = Path(job.output.speed).with_suffix(""), []
    # The cells of one method are timed in turns.
    for method, ready in groupby(samplers(vars(params), job.input, device), key=lambda each: each.sampler.cell.method):
        cells = [(s.cell, sampler_workload(s, s.key(weights, params.pixels[method]))) for s, weights in ready]
        timed = load_or_measure(folder, [c for _, c in cells], settings, record["hardware"]["id"], Path(params.lock))
        names = ("dataset", "task", "method", "variant", "nfe")
        rows += [{n: getattr(cell, n) for n in names} | row for (cell, _), row in zip(cells, timed, strict=True)]
    write_speed(pd.DataFrame(rows), job.output.speed)


run_job(time_samplers, snakemake)
