"""Compare the run with its baseline; exit status 1 on a regression, a missing row, or no rows."""

from fewstep import check
from fewstep.jobs import run_job


def compare(job):
    if check.run(job.input.results, job.input.speed, job.params.baseline):
        raise SystemExit(1)


run_job(compare, snakemake)
