"""Train an observer against each cell and seed of a method, and ask it about images that it has not seen."""

from pathlib import Path

from fewstep import devices
from fewstep.classifiers.items import items_of
from fewstep.classifiers.observers import Rules, judge
from fewstep.classifiers.store import Judged, stacked, write_judgements
from fewstep.features import read_cells
from fewstep.files import read_json
from fewstep.jobs import run_job


def observe(job):
    device = devices.use(job.params.device, job.threads)
    rules, said = Rules(**job.params.rules), {}
    items = items_of(read_json(job.input.card), job.input.test, job.params.images)
    shown = None if items.inputs is None else (items.shown, items.shown)
    samples = read_cells(Path(job.input.samples), job.params.cells, job.params.seeds, items.truth)
    for (variant, nfe), by_seed in samples:
        scores = [judge(items.real, images, shown, rules, seed, device) for seed, images in by_seed.items()]
        said[Judged(job.wildcards.method, variant, nfe)] = stacked(scores)
    write_judgements(job.output.scores, said)


run_job(observe, snakemake)
