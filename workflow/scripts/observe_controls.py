"""What observers say where the answer is known: real against real images, a trace of noise, an untrained network."""

from fewstep import devices, models
from fewstep.classifiers.controls import observe_controls, untrained
from fewstep.classifiers.items import items_of
from fewstep.classifiers.observers import Rules
from fewstep.classifiers.store import stacked, write_judgements
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.sampling import class_counts


def observe(job):
    device = devices.use(job.params.device, job.threads)
    rules, card, said = Rules(**job.params.rules), read_json(job.input.card), []
    shape, count = models.image_shape(card), job.params.images
    items = items_of(card, job.input.test, count)
    labels = class_counts(card, **job.params.labels)
    for seed in job.params.seeds:
        blank = untrained(job.params.untrained, shape, items.inputs, count, job.params.batch, seed, device, labels)
        said.append(observe_controls(items, blank, rules, seed, device))
    write_judgements(job.output.scores, {control: stacked([each[control] for each in said]) for control in said[0]})


run_job(observe, snakemake)
