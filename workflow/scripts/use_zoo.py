"""Take a network from the zoo into the run: weights, manifest, losses and snapshots, once verified."""

import os
from pathlib import Path

from fewstep.base.folders import METHODS
from fewstep.base.jobs import run_job
from fewstep.data.store import read_card
from fewstep.plan import zoo
from fewstep.plan.cards import Network
from fewstep.training import shipping


def use_zoo(job):
    fingerprint = read_card(job.input.card)["fingerprint"]["train"]
    # Relative: a sentence about a file names it as the user does.
    paths = zoo.files(Network.of(job.wildcards), Path(os.path.relpath(METHODS)))
    manifest = shipping.take(paths, job.output, job.params.recipe_sha256, fingerprint)
    print(f"{job.output.weights}: trained at commit {manifest['git']['commit'][:10]}, {manifest['steps']:,} steps")


run_job(use_zoo, snakemake)
