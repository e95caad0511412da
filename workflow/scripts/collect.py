"""Join the tables of several jobs to one of the two tables of the run."""

from fewstep.jobs import run_job
from fewstep.result_schemas import SCORES, SPEED
from fewstep.results import concatenate

SCHEMAS = {"scores": SCORES, "speed": SPEED}


def collect(job):
    concatenate(job.input.tables, job.output.table, SCHEMAS[job.params.table])


run_job(collect, snakemake)
