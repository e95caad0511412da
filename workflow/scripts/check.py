"""Compare the run with its baseline and with what the zoo promises; exit status 1 on a regression or a missing row."""

from fewstep import check
from fewstep.jobs import run_job


def compare(job):
    if check.run(job.input.scores, job.input.speed, job.params.baseline, job.input.zoo):
        raise SystemExit(1)


run_job(compare, snakemake)
