"""Draw the edited images of one task, between what was given and the truth, as PDF, SVG and PNG."""

from pathlib import Path

from fewstep.jobs import run_job
from fewstep.report.figures import write_edits
from fewstep.report.inputs import open_run


def draw_edits(job):
    run = open_run(Path(job.input.edits).parent, job.config)
    write_edits(job.wildcards.task, run, job.wildcards.dataset, Path(job.output[0]).parent)


run_job(draw_edits, snakemake)
