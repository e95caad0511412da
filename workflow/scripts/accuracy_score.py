"""Accuracy scores of a data set from its classifiers' answers, and how near the samples come to the training set."""

from functools import partial

import pandas as pd

from fewstep import devices, extractors, provenance
from fewstep.classifiers.memory import memorisation_rows
from fewstep.classifiers.rows import accuracy_rows
from fewstep.classifiers.store import Setting, read_answers
from fewstep.data import read_split
from fewstep.jobs import run_job
from fewstep.paths import ROOT
from fewstep.plan.cells import LABELLED
from fewstep.results import write_scores
from fewstep.shards import read_manifests


def accuracy_score(job):
    device = devices.use(job.params.device, job.threads)
    real, test = read_split(job.input.train), read_split(job.input.test)
    cells = read_manifests(job.input.samples)
    images = {Setting.of(shards.cell): partial(shards.first, len(shards)) for shards in cells}
    rows = list(accuracy_rows(read_answers(*job.input.predictions), test.labels))
    extractor = extractors.load(**job.params.extractor, device=str(device))
    rows += memorisation_rows(images, real.images, test.images, extractor)
    made_by = provenance.save(provenance.record(ROOT, job.profile), job.params.results)
    names = {"dataset": job.wildcards.dataset, "task": LABELLED, "seed": 0, "provenance": made_by}
    write_scores(pd.DataFrame(rows).assign(**names), job.output.scores)


run_job(accuracy_score, snakemake)
