"""Features and statistics of the real images that made ones are compared with."""

from fewstep import devices, extractors, references
from fewstep.data import dealt, read_split, split_fingerprint
from fewstep.editing.splits import others
from fewstep.features import describe
from fewstep.jobs import run_job


def reference(job):
    device = devices.use(job.params.device, job.threads)
    extractor, real = extractors.load(**job.params.extractor, device=str(device)), read_split(job.input.images)
    if job.params.edited:
        # Edited images would look near their own truths.
        real = others(dealt(real), job.params.edited, f"datasets.{job.wildcards.dataset}.edits.count")
    described = describe(extractor, real.images, real.labels)
    built = references.build(described, split_fingerprint(real), extractor.identity, **job.params.neighbours)
    references.write(built, job.output.reference)


run_job(reference, snakemake)
