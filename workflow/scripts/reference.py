"""Features and statistics of the real images that samples are compared with, and features of the held-out ones."""

from pathlib import Path

from fewstep import devices, extractors, references
from fewstep.data import read_split, split_fingerprint
from fewstep.features import describe, write_features
from fewstep.files import sha256_json
from fewstep.jobs import run_job


def reference(job):
    device = devices.use(job.params.device, job.threads)
    extractor = extractors.load(**job.params.extractor, device=str(device))
    real = read_split(job.input.data)
    scores = job.params.scores
    built = references.build(
        describe(extractor, real.images, real.labels),
        split_fingerprint(real),
        extractor.identity,
        scores["precision_recall_k"],
        scores["density_coverage_k"],
    )
    references.write(built, job.output.reference)
    held_out = read_split(job.input.held_out)
    key = sha256_json([split_fingerprint(held_out), extractor.identity])
    write_features(Path(job.output.held_out), describe(extractor, held_out.images, held_out.labels), key)


run_job(reference, snakemake)
