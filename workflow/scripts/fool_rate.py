"""Machine fool rates of a data set from the scores of its observers."""

import pandas as pd

from fewstep import provenance
from fewstep.classifiers.rows import fool_rows
from fewstep.classifiers.store import read_judgements
from fewstep.jobs import run_job
from fewstep.paths import ROOT
from fewstep.results import write_classifiers


def fool_rate(job):
    made_by = provenance.save(provenance.record(ROOT, job.config), job.params.results)
    rows = pd.DataFrame(fool_rows(read_judgements(*job.input.scores)))
    write_classifiers(rows.assign(dataset=job.wildcards.dataset, provenance=made_by), job.output.rates)


run_job(fool_rate, snakemake)
