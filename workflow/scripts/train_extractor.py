"""Retrain the small classifier of a data set, whose weights ship with the package."""

import torch

from fewstep.base.jobs import run_job
from fewstep.data import read_split
from fewstep.scoring.extractors.lenet_training import make_weights


def train_extractor(job):
    torch.set_num_threads(job.threads)
    splits = {name: read_split(job.input[name]) for name in ("train", "test")}
    manifest = make_weights(splits, job.output.weights)
    print(f"{job.output.weights}: {manifest['test_accuracy']:.2%} of the test images right")


run_job(train_extractor, snakemake)
