"""Read a data set from its source and write train.npz and test.npz, or all.npz, and card.json."""

from pathlib import Path

from fewstep.base.jobs import run_job
from fewstep.data import prepare, prepare_all
from fewstep.plan import limits


def prepare_data(job):
    read = prepare_all if job.params.is_whole else prepare
    card = limits.checked(job.profile, read(job.params.spec, Path(job.output.card).parent))
    counts = " and ".join(f"{count} {split}" for split, count in card["counts"].items())
    print(f"{card['name']}: {counts} images")


run_job(prepare_data, snakemake)
