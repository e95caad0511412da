"""What observers say where the answer is known: real against real images, a trace of noise, an untrained network."""

from dataclasses import replace

import numpy as np
import torch

from fewstep import devices, models
from fewstep.classifiers.items import items_of
from fewstep.classifiers.observers import Rules, halves, noisy, observe
from fewstep.classifiers.store import HELD_OUT, NOISY, UNTRAINED, write_judgements
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.sampling import Cell, sample_images


def observe_controls(job):
    device = devices.use(job.params.device, job.threads)
    rules, said, card = Rules(**job.params.rules), {}, read_json(job.input.card)
    real, inputs = items_of(card, job.input.test, job.params.images)
    for seed in job.params.seeds:
        one, other = halves(real, seed)
        fewer = replace(rules, train_count=min(rules.train_count, len(one) // 2))
        controls = {
            HELD_OUT: observe(one, other, fewer, seed, device),
            NOISY: observe(real, noisy(real, seed), rules, seed, device),
            UNTRAINED: observe(
                real, untrained(job, seed, models.image_shape(card), inputs, device), rules, seed, device
            ),
        }
        for judged, scores in controls.items():
            said.setdefault(judged, []).append(scores)
    stacked = {judged: [np.stack(side) for side in zip(*scores, strict=True)] for judged, scores in said.items()}
    write_judgements(job.output.scores, {j: {"real": real, "fake": fake} for j, (real, fake) in stacked.items()})


def untrained(job, seed, shape, inputs, device):
    cell, indices = job.params.untrained, list(range(job.params.images))
    method = models.load_method(cell["method"])
    torch.manual_seed(seed)
    model = method.build(cell["recipe"], shape).to(device).eval()
    asked = Cell(cell["method"], cell["variant"], cell["nfe"], seed, cell["sampling"])
    return sample_images(method.sample, model, asked, shape, indices, job.params.batch, inputs=inputs)[0]


run_job(observe_controls, snakemake)
