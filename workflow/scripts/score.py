"""All metrics of every cell of a method, as rows of the results table."""

from pathlib import Path

import pandas as pd
import torch

from fewstep import provenance, references
from fewstep.features import read_features
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.paths import ROOT
from fewstep.results import write_results
from fewstep.scoring import score_set


def score(job):
    torch.set_num_threads(job.threads)
    manifest, reference = read_json(job.input.features), references.read(job.input.reference)
    folder = Path(job.input.features).with_suffix("")
    made_by = provenance.save(provenance.record(ROOT, job.config), job.params.results)
    rows = []
    for cell in manifest["cells"]:
        where = {
            "dataset": job.wildcards.dataset,
            "method": job.wildcards.method,
            "variant": cell["variant"],
            "nfe": cell["nfe"],
            "seed": cell["seed"],
            "provenance": made_by,
        }
        scores = score_set(read_features(folder / cell["features"]), reference, manifest["extractor"])
        rows += [{**where, **row} for row in scores]
    write_results(pd.DataFrame(rows), job.output.scores)


run_job(score, snakemake)
