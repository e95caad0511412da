"""Write the report: one self-contained page."""

from pathlib import Path

from fewstep.base.jobs import run_job
from fewstep.report.inputs import open_run
from fewstep.report.page import write_page


def write(job):
    run = open_run(job.profile)
    page = Path(job.output.page)
    write_page(run, page.parent / "figures", page.parent / "tables", page)
    print(f"The report is {page}")


run_job(write, snakemake)
