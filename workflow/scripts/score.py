"""All metrics of every cell of a method, as rows of the results table."""

from pathlib import Path

import pandas as pd
import torch

from fewstep import devices, provenance, references
from fewstep.data import read_split
from fewstep.features import read_features
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.paired_scoring import Truth, score_cells
from fewstep.paths import ROOT
from fewstep.results import write_results
from fewstep.score_rows import UNUSED
from fewstep.scoring import score_set

CELL = ("variant", "nfe", "seed")


def score(job):
    torch.set_num_threads(job.threads)
    manifest, reference = read_json(job.input.features), references.read(job.input.reference)
    folder = Path(job.input.features).with_suffix("")
    made_by = provenance.save(provenance.record(ROOT, job.config), job.params.results)
    run = {"dataset": job.wildcards.dataset, "method": job.wildcards.method, "provenance": made_by}
    scored = [
        (
            cell,
            score_set(
                read_features(folder / cell["features"]), reference, manifest["extractor"], cell["labels"] or UNUSED
            ),
        )
        for cell in manifest["cells"]
    ]
    if job.params.low_resolution:
        device = str(devices.use(job.params.device, job.threads))
        truth = Truth.of(read_split(job.input.held_out), job.params.low_resolution, job.params.lpips, device)
        scored += score_cells(manifest["cells"], Path(job.input.samples).with_suffix(""), truth)
    rows = [{**run, **{key: cell[key] for key in CELL}, **row} for cell, found in scored for row in found]
    write_results(pd.DataFrame(rows), job.output.scores)


run_job(score, snakemake)
