"""What methods are given to edit, and the true images: scored like edited images, and kept for the report.

Edited images are compared with the held-out images that are not edited: training images may show other things.
"""

import numpy as np
import pandas as pd

from fewstep import devices, extractors, models, provenance, references
from fewstep.data import dealt, read_split, split_fingerprint
from fewstep.editing.cells import first, inputs, others
from fewstep.editing.names import INPUT, REAL, TRUE
from fewstep.editing.scoring import score
from fewstep.features import describe
from fewstep.files import atomic_write, read_json
from fewstep.jobs import run_job
from fewstep.paths import ROOT
from fewstep.results import write_edits


def edit_inputs(job):
    device = devices.use(job.params.device, job.threads)
    extractor = extractors.load(**job.params.extractor, device=str(device))
    shape, dataset, edits = models.image_shape(read_json(job.input.card)), job.wildcards.dataset, job.params.edits
    held_out, asked = dealt(read_split(job.input.held_out)), (edits["count"], f"datasets.{dataset}.edits.count")
    real, rest = first(held_out, *asked), others(held_out, *asked)
    reference = references.build(
        describe(extractor, rest.images, rest.labels), split_fingerprint(rest), extractor.identity
    )
    references.write(reference, job.output.reference)
    given = inputs(real, shape, job.params.tasks, edits["seeds"][0])
    made_by = provenance.save(provenance.record(ROOT, job.config), job.params.results)
    common = {"dataset": dataset, "method": REAL, "nfe": 0, "seed": edits["seeds"][0], "provenance": made_by}
    rows = []
    for task in job.params.tasks:
        scores = {TRUE: score(real.images, real.labels, None, extractor, reference, task)}
        if task in given:
            scores[INPUT] = score(given[task], real.labels, real.images, extractor, reference, task)
        rows += [{**common, "task": task, "variant": v, **row} for v, found in scores.items() for row in found]
    write_edits(pd.DataFrame(rows), job.output.scores)
    with atomic_write(job.output.images) as file:
        np.savez(file, **{TRUE: real.images}, **given)


run_job(edit_inputs, snakemake)
