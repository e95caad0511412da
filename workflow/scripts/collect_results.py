"""One long table of all scores of the run."""

from fewstep.jobs import run_job
from fewstep.results import concatenate


def collect_results(job):
    concatenate(job.input.scores, job.output.results)


run_job(collect_results, snakemake)
