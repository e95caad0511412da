"""One table of the scores and the speed of edited images; without any it has no rows."""

from fewstep.jobs import run_job
from fewstep.result_schemas import EDITS
from fewstep.results import concatenate


def collect_edits(job):
    concatenate(job.input.tables, job.output.edits, EDITS)


run_job(collect_edits, snakemake)
