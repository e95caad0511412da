"""Draw one figure of one data set as PDF, SVG and PNG."""

from pathlib import Path

from fewstep.base.jobs import run_job
from fewstep.report.figures import write_figure
from fewstep.report.inputs import open_run


def draw_figure(job):
    run = open_run(job.profile)
    write_figure(job.wildcards.figure, run, job.wildcards.dataset, Path(job.output[0]).parent)


run_job(draw_figure, snakemake)
