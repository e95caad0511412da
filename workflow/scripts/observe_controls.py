"""What observers say where the answer is known: real against real images, a trace of noise, an untrained network."""

from dataclasses import replace

import numpy as np
import torch

from fewstep import devices, models
from fewstep.classifiers.observers import Rules, halves, noisy, observe
from fewstep.classifiers.store import HELD_OUT, NOISY, UNTRAINED, write_judgements
from fewstep.data import read_split
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.sampling import Cell, sample_images


def observe_controls(job):
    device = devices.use(job.params.device, job.threads)
    real, rules, said = read_split(job.input.test).images, Rules(**job.params.rules), {}
    for seed in job.params.seeds:
        one, other = halves(real, seed)
        fewer = replace(rules, train_count=min(rules.train_count, len(one) // 2))
        controls = {
            HELD_OUT: observe(one, other, fewer, seed, device),
            NOISY: observe(real, noisy(real, seed), rules, seed, device),
            UNTRAINED: observe(real, untrained(job, seed, device), rules, seed, device),
        }
        for judged, scores in controls.items():
            said.setdefault(judged, []).append(scores)
    stacked = {judged: [np.stack(side) for side in zip(*scores, strict=True)] for judged, scores in said.items()}
    write_judgements(job.output.scores, {j: {"real": real, "fake": fake} for j, (real, fake) in stacked.items()})


def untrained(job, seed, device):
    shape, cell = models.image_shape(read_json(job.input.card)), job.params.untrained
    method = models.load_method(cell["method"])
    torch.manual_seed(seed)
    model = method.build(cell["recipe"], shape).to(device).eval()
    asked = Cell(cell["method"], cell["variant"], cell["nfe"], seed, cell["sampling"])
    return sample_images(method.sample, model, asked, shape, list(range(job.params.images)), job.params.batch)[0]


run_job(observe_controls, snakemake)
