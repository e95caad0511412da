"""Scores of every cell that a method edited, as rows of edits.csv."""

from pathlib import Path

import pandas as pd

from fewstep import devices, extractors, provenance, references
from fewstep.data import dealt, read_split
from fewstep.editing.cells import first
from fewstep.editing.scoring import error_rows, score
from fewstep.features import read_images
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.paths import ROOT
from fewstep.results import write_edits


def score_edits(job):
    device = devices.use(job.params.device, job.threads)
    extractor = extractors.load(**job.params.extractor, device=str(device))
    reference = references.read(job.input.reference)
    reference.require(extractor.identity)
    real = dealt(read_split(job.input.held_out))
    made_by = provenance.save(provenance.record(ROOT, job.config), job.params.results)
    folder, rows = Path(job.input.manifest).with_suffix(""), []
    for cell in read_json(job.input.manifest)["cells"]:
        names = {name: cell[name] for name in ("task", "variant", "nfe", "seed")}
        where = {"dataset": job.wildcards.dataset, "method": job.wildcards.method, "provenance": made_by, **names}
        truth = first(real, cell["count"], "edits.count")
        scores = score(read_images(folder, cell), truth.labels, truth.images, extractor, reference, cell["task"])
        rows += [{**where, **row} for row in [*scores, *error_rows(cell)]]
    write_edits(pd.DataFrame(rows), job.output.scores)


run_job(score_edits, snakemake)
