"""The classifiers of the accuracy score on the real training set, and on it with its labels shuffled (the control)."""

from fewstep import devices
from fewstep.classifiers.accuracy import predictions
from fewstep.classifiers.store import REAL, SHUFFLED, write_judgements
from fewstep.data import read_split
from fewstep.jobs import run_job


def classify_real(job):
    device = devices.use(job.params.device, job.threads)
    real, test = read_split(job.input.train), read_split(job.input.test)
    said = {
        judged: {"predictions": predictions(real.images, real, test, job.params.settings, device, shuffle)}
        for judged, shuffle in ((REAL, False), (SHUFFLED, True))
    }
    write_judgements(job.output.predictions, said)


run_job(classify_real, snakemake)
