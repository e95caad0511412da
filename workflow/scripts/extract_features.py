"""One pass of the extractor over every cell of a method; cells whose features are there are left alone."""

from pathlib import Path

from fewstep import devices, extractors
from fewstep.features import extract_cell
from fewstep.files import read_json, write_json
from fewstep.jobs import run_job


def extract_features(job):
    device = devices.use(job.params.device, job.threads)
    extractor = extractors.load(**job.params.extractor, device=str(device))
    samples, folder = (Path(path).with_suffix("") for path in (job.input.samples, job.output.manifest))
    cells = []
    for cell in read_json(job.input.samples)["cells"]:
        path = extract_cell(samples, folder, cell, extractor, job.params.code)
        cells.append({**cell, "features": str(path.relative_to(folder))})
    write_json(job.output.manifest, {"extractor": extractor.identity, "cells": cells})


run_job(extract_features, snakemake)
