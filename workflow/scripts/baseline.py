"""Write the run's scores and speeds as the baseline of later checks."""

from fewstep.base.jobs import run_job
from fewstep.results.baseline import write_baseline
from fewstep.results.tables import read_scores, read_speed


def baseline(job):
    write_baseline(read_scores(job.input.scores), read_speed(job.input.speed), job.params.baseline)
    print(f"{job.params.baseline} now holds this run.")


run_job(baseline, snakemake)
