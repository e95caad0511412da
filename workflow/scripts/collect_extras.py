"""One table of the scores that methods give themselves; without such methods it has no rows."""

from fewstep.jobs import run_job
from fewstep.results import EXTRAS, concatenate


def collect_extras(job):
    concatenate(job.input.scores, job.output.extras, EXTRAS)


run_job(collect_extras, snakemake)
