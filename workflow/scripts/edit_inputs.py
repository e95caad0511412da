"""What methods are given to edit, and the true images: scored like edited images, and kept for the report."""

import numpy as np

from fewstep.base import devices
from fewstep.base.files import atomic_write, read_json
from fewstep.base.jobs import run_job
from fewstep.contract import models
from fewstep.data import dealt, read_split
from fewstep.plan.cells import DATA, EDIT, Cell
from fewstep.plan.edit_names import INPUT, TRUE
from fewstep.results.tables import write_rows
from fewstep.scoring import extractors, references
from fewstep.scoring.edit_splits import first, given
from fewstep.scoring.edits import score
from fewstep.scoring.features import describe
from fewstep.scoring.pairs import Truth, whole


def edit_inputs(job):
    device, params = str(devices.use(job.params.device, job.threads)), job.params
    extractor, reference = extractors.load(**params.extractor, device=device), references.read(job.input.reference)
    shape, dataset = models.image_shape(read_json(job.input.card)), job.wildcards.dataset
    real = first(dealt(read_split(job.input.images)), params.count, f"datasets.{dataset}.edits.count")
    inputs, truth = given(real, shape, params.tasks, params.seed), Truth.of(real)
    of_truth = score(describe(extractor, real.images, real.labels), reference, extractor.identity)
    rows = []
    for task in params.tasks:
        scores = {TRUE: of_truth}
        if task in inputs:
            features, pairs = describe(extractor, inputs[task], real.labels), whole(inputs[task])
            scores[INPUT] = score(features, reference, extractor.identity, pairs, truth)
        for variant, found in scores.items():
            cell = Cell(dataset, f"{EDIT}/{task}", DATA, variant, 0, 0, params.seed)
            rows += [{**cell._asdict(), **row} for row in found]
    write_rows(rows, job)
    with atomic_write(job.output.images) as file:
        np.savez(file, **{TRUE: real.images}, **inputs)


run_job(edit_inputs, snakemake)
