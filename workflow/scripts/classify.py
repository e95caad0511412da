"""Train classifiers on labelled samples of each cell of a method, and ask them about the real test images.

In place of a method, "data": classifiers of the real training set, and of it with its labels shuffled (the control).
"""

from fewstep.base import devices
from fewstep.base.jobs import run_job
from fewstep.data import read_split
from fewstep.plan.cells import DATA
from fewstep.sampling.shards import read_manifests
from fewstep.scoring.judges.accuracy import predictions
from fewstep.scoring.judges.stored_answers import REAL, SHUFFLED, Setting, write_answers


def classify(job):
    device = devices.use(job.params.device, job.threads)
    real, test = read_split(job.input.train), read_split(job.input.test)
    answers = {}
    if job.wildcards.method == DATA:
        for name, shuffle in ((REAL, False), (SHUFFLED, True)):
            answers[name] = predictions(real.images, real, test, job.params.settings, device, shuffle)
    for shards in read_manifests(job.input.samples):
        images = shards.first(len(shards))
        answers[Setting.of(shards.cell)] = predictions(images, real, test, job.params.settings, device)
    write_answers(job.output.predictions, {name: {"predictions": found} for name, found in answers.items()})


run_job(classify, snakemake)
