"""Score held-out real images like samples: method "data", variant "test", NFE 0; and what they would score if their
number and their labels were those of samples: variant "expected".

Against themselves, on a super-resolution data set: what a paired score gives for the truth itself. Where they are the
reference, there is nothing to learn from comparing them with it, and no such row.
"""

import pandas as pd
import torch

from fewstep import devices, provenance, references
from fewstep.data import read_split, split_fingerprint
from fewstep.features import read_features
from fewstep.jobs import run_job
from fewstep.paired_scoring import Truth, score_pairs
from fewstep.paths import ROOT
from fewstep.results import write_results
from fewstep.scoring import expected_of_real, extractor_key, score_set


def score_held_out(job):
    torch.set_num_threads(job.threads)
    reference = references.read(job.input.reference)
    made_by = provenance.save(provenance.record(ROOT, job.config), job.params.results)
    where = {"dataset": job.wildcards.dataset, "method": "data", "nfe": 0, "seed": 0, "provenance": made_by}
    held_out, scores = read_split(job.input.images), {"test": [], "expected": []}
    if split_fingerprint(held_out) != reference.fingerprint:
        features = read_features(job.input.features)
        scores["test"] += score_set(features, reference, reference.extractor, held_out=True)
        expected = expected_of_real(features, reference, job.params.samples, job.params.labels)
        known = {"reference": reference.key, "extractor": extractor_key(reference.extractor)}
        scores["expected"] += [expected | known] if expected else []
    if job.params.low_resolution:
        device = str(devices.use(job.params.device, job.threads))
        truth = Truth.of(held_out, job.params.low_resolution, job.params.lpips, device)
        scores["test"] += score_pairs(held_out.images, truth)
    rows = [{**where, "variant": variant, **row} for variant, found in scores.items() for row in found]
    write_results(pd.DataFrame(rows), job.output.scores)


run_job(score_held_out, snakemake)
