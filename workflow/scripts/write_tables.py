"""Write every table of the report as CSV, Markdown and LaTeX."""

from pathlib import Path

from fewstep.config import cells, is_classified
from fewstep.jobs import run_job
from fewstep.report import edits
from fewstep.report.classifiers import write_classifiers
from fewstep.report.extras import write_extras
from fewstep.report.inputs import machines, open_run
from fewstep.report.searched import write_searched
from fewstep.report.stages import write_stages
from fewstep.report.tables import write_tables


def write(job):
    folder = Path(job.input.results).parent
    run = open_run(folder, job.profile)
    meta = {
        "commit": run.manifest["git"]["commit"],
        "cells": cells(run.config),
        "machines": machines(folder),
    }
    out = Path(job.output[0]).parent
    write_tables(job.input.results, job.input.speed, run.cards, out, meta)
    for dataset in run.config["datasets"]:
        edits.write_tables(run, dataset, out)
        write_stages(run, dataset, out)
        write_searched(run, dataset, out)
    classified = [name for name, section in run.config["datasets"].items() if is_classified(section)]
    write_classifiers(run.classifiers, classified, run.cards, out)
    write_extras(run.extras, list(run.config["datasets"]), run.cards, out)


run_job(write, snakemake)
