"""Score held-out real images like samples: method "data", variant "test", NFE 0."""

import pandas as pd
import torch

from fewstep import references
from fewstep.features import read_features
from fewstep.files import sha256_file, sha256_json
from fewstep.jobs import run_job
from fewstep.results import write_results
from fewstep.scoring import score_set


def score_held_out(job):
    torch.set_num_threads(job.threads)
    reference = references.read(job.input.reference)
    where = {
        "dataset": job.wildcards.dataset,
        "method": "data",
        "variant": "test",
        "nfe": 0,
        "seed": 0,
        "provenance": sha256_json([sha256_file(job.input.features), reference.key, job.params.code])[:16],
    }
    scores = score_set(*read_features(job.input.features), reference, reference.extractor)
    write_results(pd.DataFrame([{**where, **row} for row in scores]), job.output.scores)


run_job(score_held_out, snakemake)
