"""Train classifiers on the labelled samples of each cell of a method, and ask them about the real test images."""

from pathlib import Path

from fewstep import devices
from fewstep.classifiers.accuracy import predictions
from fewstep.classifiers.store import Judged, write_judgements
from fewstep.data import read_split
from fewstep.features import read_images
from fewstep.files import read_json
from fewstep.jobs import run_job


def classify(job):
    device = devices.use(job.params.device, job.threads)
    real, test = read_split(job.input.train), read_split(job.input.test)
    folder, said = Path(job.input.samples).with_suffix(""), {}
    for cell in read_json(job.input.samples)["cells"]:
        judged = Judged(job.wildcards.method, cell["variant"], cell["nfe"])
        found = predictions(read_images(folder, cell), real, test, job.params.settings, device)
        said[judged] = {"predictions": found}
    write_judgements(job.output.predictions, said)


run_job(classify, snakemake)
