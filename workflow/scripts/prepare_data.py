"""Read a data set from its source and write train.npz, test.npz and card.json."""

from pathlib import Path

from fewstep import limits
from fewstep.data import prepare, prepare_all
from fewstep.jobs import run_job


def prepare_data(job):
    read = prepare_all if "all" in job.output.keys() else prepare
    card = limits.checked(job.profile, read(job.params.spec, Path(job.output.card).parent))
    print(f"{card['name']}: {card['counts']['train']} training and {card['counts']['test']} test images")


run_job(prepare_data, snakemake)
