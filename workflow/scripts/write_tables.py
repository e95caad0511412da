"""Write the quality and speed tables as CSV, Markdown and LaTeX."""

from pathlib import Path

from fewstep.config import cells
from fewstep.jobs import run_job
from fewstep.report.inputs import machines, open_run
from fewstep.report.tables import write_tables


def write(job):
    folder = Path(job.input.results).parent
    run = open_run(folder, job.config)
    meta = {
        "commit": run.manifest["git"]["commit"],
        "cells": cells(run.config),
        "machines": machines(folder),
    }
    write_tables(job.input.results, job.input.speed, run.cards, Path(job.output[0]).parent, meta)


run_job(write, snakemake)
