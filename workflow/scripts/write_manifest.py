"""Gather what the run was made of: commit, configuration, hardware, versions, weights, data, wall times."""

from pathlib import Path

from fewstep.base import provenance
from fewstep.base.devices import gpus_wanted
from fewstep.base.folders import ROOT
from fewstep.base.jobs import run_job


def write_manifest(job):
    gpu = bool(gpus_wanted(job.profile.get("device", "auto")))
    folder = Path(job.output.manifest).parent
    manifest = provenance.write_manifest(folder, provenance.record(ROOT, job.profile, gpu), job.input.networks)
    print(f"{folder}: {manifest['total_job_seconds'] / 60:.1f} minutes of jobs")


run_job(write_manifest, snakemake)
