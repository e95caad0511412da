"""Accuracy scores of a data set from its classifiers' answers, and how near the samples come to the training set."""

from functools import partial

from fewstep.base import devices
from fewstep.base.jobs import run_job
from fewstep.data import read_split
from fewstep.plan.cells import LABELLED
from fewstep.results.tables import write_rows
from fewstep.sampling.shards import read_manifests
from fewstep.scoring import extractors
from fewstep.scoring.judges.judged_rows import accuracy_rows
from fewstep.scoring.judges.memorisation_rows import memorisation_rows
from fewstep.scoring.judges.stored_answers import Setting, read_answers


def accuracy_score(job):
    device = devices.use(job.params.device, job.threads)
    real, test = read_split(job.input.train), read_split(job.input.test)
    cells = read_manifests(job.input.samples)
    images = {Setting.of(shards.cell): partial(shards.first, len(shards)) for shards in cells}
    rows = list(accuracy_rows(read_answers(*job.input.predictions), test.labels))
    extractor = extractors.load(**job.params.extractor, device=str(device))
    rows += memorisation_rows(images, real.images, test.images, extractor)
    names = {"dataset": job.wildcards.dataset, "task": LABELLED, "seed": 0}
    write_rows([names | row for row in rows], job)


run_job(accuracy_score, snakemake)
