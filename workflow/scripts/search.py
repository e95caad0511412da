"""Try every candidate of a variant's searched settings at each NFE, and write which comes nearest to real images."""

from fewstep import devices, extractors, models
from fewstep.data import read_card, read_split
from fewstep.files import write_json
from fewstep.jobs import run_job
from fewstep.low_resolution import training_images
from fewstep.sampling import REFERENCE, Cell, class_counts
from fewstep.search import find, moments_of


def search(job):
    device = devices.use(job.params.device, job.threads)
    card, names, variant = read_card(job.input.card), job.wildcards, job.params.variant
    shape, method = models.image_shape(card), models.load_method(names.method)
    model = models.load(names.method, job.params.recipe, shape, job.input.weights, device)
    extractor = extractors.load(**job.params.extractor, device=str(device))
    # Images that are enlarged here are not among those that the results are compared with.
    data, inputs = training_images(read_split(job.input.train), card["low_resolution"])
    real = moments_of(data.images, extractor)
    # Training images are what the samples are compared with here, whatever the profile says of its scores.
    counts, found = class_counts(card, REFERENCE, "train"), {}
    for nfe in job.params.nfes:
        cell = Cell(names.method, names.variant, nfe, 0, variant["sampling"], class_counts=counts)
        found[str(nfe)] = find(
            method.sample, model, cell, shape, variant["search"], job.params.batch, extractor, real, inputs
        )
        print(f"NFE {nfe}: {found[str(nfe)]['choice']}")
    write_json(job.output.found, {**names, "nfe": found})


run_job(search, snakemake)
