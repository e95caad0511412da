"""Compare the run with its baseline and with what the zoo promises; exit status 1 on a regression or a missing row."""

from fewstep.base.jobs import run_job
from fewstep.results import check


def compare(job):
    if check.run(job.input.scores, job.input.speed, job.params.baseline, job.input.zoo):
        raise SystemExit(1)


run_job(compare, snakemake)
