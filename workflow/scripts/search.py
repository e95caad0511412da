"""Try every candidate of a variant's searched settings at each NFE, and write which comes nearest to real images."""

from fewstep.base import devices
from fewstep.base.files import write_json
from fewstep.base.jobs import run_job
from fewstep.contract import conditions, models
from fewstep.data import read_card, read_split
from fewstep.plan.cells import GENERATE, Cell
from fewstep.sampling.sampler import Sampler
from fewstep.scoring import extractors
from fewstep.scoring.search import find, moments_of


def search(job):
    device, params = devices.use(job.params.device, job.threads), job.params
    card, names = read_card(job.input.card), job.wildcards
    shape, method = models.image_shape(card), models.load_method(names.method)
    model = models.load(names.method, params.recipe, shape, job.input.weights, device)
    extractor = extractors.load(**params.extractor, device=str(device))
    # Images that are enlarged here are not among those that the results are compared with.
    data, small = conditions.training_images(read_split(job.input.images), card["low_resolution"])
    real = moments_of(data.images, extractor)
    # Training images are what the samples are compared with here, whatever the profile says of its scores.
    labels = {"rule": conditions.REFERENCE, "split": "train"}
    condition = small or conditions.make(GENERATE, card, labels=labels)
    found = {}
    for nfe in params.nfes:
        cell = Cell(names.dataset, GENERATE, names.method, names.variant, nfe, 0, 0)
        sampler = Sampler(cell, method.sample, model, shape, condition, params.variant["sampling"])
        found[str(nfe)] = find(sampler, params.variant["search"], params.batch_size, extractor, real)
        print(f"NFE {nfe}: {found[str(nfe)]['choice']}")
    write_json(job.output.found, {**names, "nfe": found})


run_job(search, snakemake)
