"""Gather what the run was made of: commit, configuration, hardware, versions, weights, data, wall times."""

from pathlib import Path

from fewstep import provenance
from fewstep.devices import gpus_wanted
from fewstep.jobs import run_job
from fewstep.paths import ROOT


def write_manifest(job):
    gpu = bool(gpus_wanted(job.profile.get("device", "auto")))
    folder = Path(job.output.manifest).parent
    manifest = provenance.write_manifest(folder, provenance.record(ROOT, job.profile, gpu), job.input.networks)
    print(f"{folder}: {manifest['total_job_seconds'] / 60:.1f} minutes of jobs")


run_job(write_manifest, snakemake)
