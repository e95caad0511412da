"""Run the hook of a method on held-out images: one row per score of a recipe, or of a variant and NFE."""

from fewstep.base import devices
from fewstep.base.files import read_json
from fewstep.base.jobs import run_job
from fewstep.contract import models
from fewstep.data import read_split
from fewstep.plan.cells import EVALUATE, Cell
from fewstep.results.tables import write_rows
from fewstep.sampling.load import Networks, settled
from fewstep.scoring import extractors, references
from fewstep.scoring.evaluation import part, score_variant


def evaluate(job):
    device, params = devices.use(job.params.device, job.threads), job.params
    card = read_json(job.input.card)
    shape, side = models.image_shape(card), card["low_resolution"]
    method = models.load_method(job.wildcards.method)
    networks = Networks(params.networks, job.input.weights, shape, device)
    extractor = extractors.load(**params.extractor, device=str(device))
    reference = references.read(job.input.reference)
    reference.require(extractor.identity)
    held_out, rows = part(read_split(job.input.images), params.held_out), []
    for call in params.requests:
        cell, model = Cell(*call["cell"])._replace(task=EVALUATE), networks.model(call["network"])
        settings = settled(call["settings"], job.input.searches, cell) if cell.nfe else {}
        request = {"shape": shape, "seed": cell.seed, "nfe": cell.nfe, "settings": settings}
        scores = score_variant(method, model, request, held_out, params.batch_size, extractor, reference, side)
        rows += [{**cell._asdict(), **row} for row in scores]
    write_rows(rows, job)


run_job(evaluate, snakemake)
