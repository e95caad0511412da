"""All scores of every cell of a method, of one kind of task, as rows of the table of scores."""

from pathlib import Path

from fewstep.base import devices
from fewstep.base.jobs import run_job
from fewstep.data import read_split
from fewstep.results.tables import write_rows
from fewstep.sampling.shards import read_manifests
from fewstep.scoring import extractors, references
from fewstep.scoring.features import features_of
from fewstep.scoring.scorer import Scorer


def score(job):
    device = str(devices.use(job.params.device, job.threads))
    extractor, reference = extractors.load(**job.params.extractor, device=device), references.read(job.input.reference)
    images = read_split(job.input.images) if job.input.images else None
    scorer = Scorer.of(job.wildcards.task, images, job.params.low_resolution, job.params.lpips, device)
    folder, cells, rows = Path(job.params.features_folder), read_manifests(job.input.samples), []
    for shards in cells:
        features = features_of(shards, folder, extractor, job.params.features)
        found = scorer.rows(shards, features, reference, extractor.identity, cells)
        rows += [{**shards.cell._asdict(), **row} for row in found]
    write_rows(rows, job)


run_job(score, snakemake)
