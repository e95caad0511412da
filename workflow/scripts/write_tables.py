"""Write every table of the report as CSV, Markdown and LaTeX."""

from pathlib import Path

from fewstep.base.jobs import run_job
from fewstep.report.inputs import open_run
from fewstep.report.tables import write_tables


def write(job):
    write_tables(open_run(job.profile), Path(job.output[0]).parent)


run_job(write, snakemake)
