"""One table of all timings of the run."""

from fewstep.jobs import run_job
from fewstep.results import SPEED, concatenate


def collect_speed(job):
    concatenate(job.input.speed, job.output.speed, SPEED)


run_job(collect_speed, snakemake)
