"""Run the hook of a method on held-out images: one row per score of a recipe, or of a variant and NFE."""

import pandas as pd

from fewstep import devices, extractors, models, provenance, references
from fewstep.data import read_split
from fewstep.evaluation import part, score_variant
from fewstep.files import read_json
from fewstep.jobs import run_job
from fewstep.paths import ROOT
from fewstep.results import write_extras
from fewstep.search import settled


def evaluate(job):
    device = devices.use(job.params.device, job.threads)
    card, name = read_json(job.input.card), job.wildcards.method
    shape, side = models.image_shape(card), card["low_resolution"]
    method = models.load_method(name)
    loaded, _ = models.load_recipes(name, job.params.recipes, shape, job.input.weights, device)
    extractor, reference = (
        extractors.load(**job.params.extractor, device=str(device)),
        references.read(job.input.reference),
    )
    reference.require(extractor.identity)
    made_by = provenance.save(provenance.record(ROOT, job.config), job.params.results)
    held_out, rows = part(read_split(job.input.held_out), job.params.held_out_count), []
    for asked in job.params.requests:
        variant, nfe = asked["variant"], asked["nfe"]
        where = {"dataset": job.wildcards.dataset, "method": name, "variant": variant, "nfe": nfe}
        sampling = settled(asked["sampling"], job.input.searches, name, variant, nfe)
        request = {"shape": shape, "seed": job.params.seed, "nfe": nfe, "settings": sampling}
        model = loaded[asked["recipe"]]
        scores = score_variant(method, model, request, held_out, job.params.batch, extractor, reference, side)
        rows += [{**where, **row, "provenance": made_by} for row in scores]
    write_extras(pd.DataFrame(rows), job.output.scores)


run_job(evaluate, snakemake)
