"""Accuracy scores of a data set from what its classifiers said, and how near the samples come to the training set."""

from functools import partial
from pathlib import Path

import pandas as pd

from fewstep import devices, extractors, provenance
from fewstep.classifiers.memory import memorisation_rows
from fewstep.classifiers.rows import accuracy_rows
from fewstep.classifiers.store import Judged, read_judgements
from fewstep.data import read_split
from fewstep.features import read_images
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.paths import ROOT
from fewstep.results import write_classifiers


def accuracy_score(job):
    device = devices.use(job.params.device, job.threads)
    real, test = read_split(job.input.train), read_split(job.input.test)
    images = {}
    for manifest in map(Path, job.input.samples):
        for cell in read_json(manifest)["cells"]:
            judged = Judged(manifest.stem, cell["variant"], cell["nfe"])
            images[judged] = partial(read_images, manifest.with_suffix(""), cell)
    rows = list(accuracy_rows(read_judgements(*job.input.predictions), test.labels))
    extractor = extractors.load(**job.params.extractor, device=str(device))
    rows += memorisation_rows(images, real.images, test.images, extractor)
    made_by = provenance.save(provenance.record(ROOT, job.config), job.params.results)
    table = pd.DataFrame(rows).assign(dataset=job.wildcards.dataset, provenance=made_by)
    write_classifiers(table, job.output.scores)


run_job(accuracy_score, snakemake)
