"""One table of the scores by classifiers and observers; without data sets that ask for some it has no rows."""

from fewstep.jobs import run_job
from fewstep.result_schemas import CLASSIFIERS
from fewstep.results import concatenate


def collect_classifiers(job):
    concatenate(job.input.scores, job.output.classifiers, CLASSIFIERS)


run_job(collect_classifiers, snakemake)
