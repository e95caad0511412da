"""Machine fool rates of a data set from the scores that observers gave."""

from fewstep.base.jobs import run_job
from fewstep.results.tables import write_rows
from fewstep.scoring.judges.judged_rows import fool_rows
from fewstep.scoring.judges.stored_answers import read_answers


def fool_rate(job):
    names = {"dataset": job.wildcards.dataset, "task": job.params.task, "seed": 0}
    write_rows([names | row for row in fool_rows(read_answers(*job.input.answers))], job)


run_job(fool_rate, snakemake)
