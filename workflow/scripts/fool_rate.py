"""Machine fool rates of a data set from the scores that observers gave."""

import pandas as pd

from fewstep import provenance
from fewstep.classifiers.rows import fool_rows
from fewstep.classifiers.store import read_answers
from fewstep.jobs import run_job
from fewstep.paths import ROOT
from fewstep.results import write_scores


def fool_rate(job):
    made_by = provenance.save(provenance.record(ROOT, job.profile), job.params.results)
    rows = pd.DataFrame(fool_rows(read_answers(*job.input.answers)))
    names = {"dataset": job.wildcards.dataset, "task": job.params.task, "seed": 0, "provenance": made_by}
    write_scores(rows.assign(**names), job.output.scores)


run_job(fool_rate, snakemake)
