"""Join the tables of several jobs into one, scores.csv or speed.csv: the name of the output says which."""

from pathlib import Path

from fewstep.base.jobs import run_job
from fewstep.results.schemas import SCHEMAS
from fewstep.results.tables import concatenate


def collect(job):
    concatenate(job.input.tables, job.output.table, SCHEMAS[Path(job.output.table).stem])


run_job(collect, snakemake)
