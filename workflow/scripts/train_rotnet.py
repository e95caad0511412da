"""Train the network that tells rotations of the real images apart: an extractor of features for any images."""

import torch

from fewstep.base.jobs import run_job
from fewstep.data.store import blocks
from fewstep.scoring.extractors.rotnet_training import train


def train_rotnet(job):
    torch.set_num_threads(job.threads)
    manifest = train((images for images, _ in blocks(job.input.images)), job.output.weights)
    print(f"{job.output.weights}: {manifest['accuracy']:.2%} of the rotations right")


run_job(train_rotnet, snakemake)
