"""Features and statistics of the real images that made ones are compared with."""

from pathlib import Path

from fewstep.base import devices
from fewstep.base.jobs import run_job
from fewstep.data import dealt, read_card, read_split, split_fingerprint
from fewstep.data.store import blocks
from fewstep.scoring import extractors, references
from fewstep.scoring.edit_splits import others
from fewstep.scoring.features import describe, joined


def reference(job):
    device = devices.use(job.params.device, job.threads)
    extractor, images = extractors.load(**job.params.extractor, device=str(device)), Path(job.input.images)
    if job.params.edited:
        # Edited images would look near their own truths.
        key = f"datasets.{job.wildcards.dataset}.edits.count"
        real = others(dealt(read_split(images)), job.params.edited, key)
        described, fingerprint = describe(extractor, real.images, real.labels), split_fingerprint(real)
    else:
        described = joined([describe(extractor, *block, progress=False) for block in blocks(images)])
        fingerprint = read_card(job.input.card)["fingerprint"][images.stem]
    built = references.build(described, fingerprint, extractor.identity, **job.params.neighbours)
    references.write(built, job.output.reference)


run_job(reference, snakemake)
