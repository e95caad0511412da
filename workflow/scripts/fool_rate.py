"""Machine fool rates of a data set from the scores that observers gave."""

import pandas as pd

from fewstep.base import provenance
from fewstep.base.folders import ROOT
from fewstep.base.jobs import run_job
from fewstep.results.tables import write_scores
from fewstep.scoring.judges.judged_rows import fool_rows
from fewstep.scoring.judges.stored_answers import read_answers


def fool_rate(job):
    made_by = provenance.save(provenance.record(ROOT, job.profile), job.params.results)
    rows = pd.DataFrame(fool_rows(read_answers(*job.input.answers)))
    names = {"dataset": job.wildcards.dataset, "task": job.params.task, "seed": 0, "provenance": made_by}
    write_scores(rows.assign(**names), job.output.scores)


run_job(fool_rate, snakemake)
