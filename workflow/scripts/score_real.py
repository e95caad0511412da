"""Score held-out real images like samples: method "data", variant "test", NFE 0; and what they would score if their
number and their labels were those of samples: variant "expected".

Against themselves, on a super-resolution data set: what a paired score gives for the truth itself. Where they are the
reference, there is nothing to learn from comparing them with it, and no such row.
"""

from fewstep.base import devices
from fewstep.base.jobs import run_job
from fewstep.data import read_split, split_fingerprint
from fewstep.plan.cells import DATA, Cell
from fewstep.results.tables import write_rows
from fewstep.scoring import extractors, references
from fewstep.scoring.features import describe
from fewstep.scoring.pairs import Truth, score_pairs, whole
from fewstep.scoring.sets import expected_of_real, extractor_key, score_set


def score_real(job):
    device, params = str(devices.use(job.params.device, job.threads)), job.params
    reference, held_out = references.read(job.input.reference), read_split(job.input.images)
    scores = {"test": [], "expected": []}
    if split_fingerprint(held_out) != reference.fingerprint:
        extractor = extractors.load(**params.extractor, device=device)
        features = describe(extractor, held_out.images, held_out.labels)
        scores["test"] += score_set(features, reference, extractor.identity, held_out=True)
        expected = expected_of_real(features, reference, params.samples, params.labels)
        known = {"reference": reference.key, "extractor": extractor_key(reference.extractor)}
        scores["expected"] += [expected | known] if expected else []
    if params.low_resolution:
        truth = Truth.of(held_out, params.low_resolution, params.lpips, device)
        scores["test"] += score_pairs(whole(held_out.images), truth)
    names = job.wildcards
    cells = {variant: Cell(names.dataset, names.task, DATA, variant, 0, 0, 0)._asdict() for variant in scores}
    write_rows([{**cells[variant], **row} for variant, found in scores.items() for row in found], job)


run_job(score_real, snakemake)
