"""Write the page of a study with people, and its key apart from it."""

from pathlib import Path

from fewstep.base.files import write_json, write_text
from fewstep.base.jobs import run_job
from fewstep.contract.conditions import truth_of
from fewstep.data import read_split
from fewstep.images.pixels import from_uint8, to_uint8
from fewstep.images.resampling import downsample
from fewstep.study.arms import read_arms
from fewstep.study.blind import blind
from fewstep.study.design import design
from fewstep.study.rater_page import render, trials_per_rater


def write(job):
    real, settings, side = read_split(job.input.images), job.params.study, job.params.low_resolution
    truth = truth_of(real.images) if side else None
    arms = read_arms(job.input.samples, settings["compare"], job.params.seed, truth)
    low = to_uint8(downsample(from_uint8(real.images), side)) if side else None
    page, key = blind(design(real, arms, settings, low), settings, job.wildcards.dataset)
    path = Path(job.params.keys) / f"{page['study']}.json"
    write_json(path, key)
    write_text(job.output.page, render(page))
    print(f"The page is {job.output.page}, with {trials_per_rater(page)} pairs for each rater. Its key is {path}.")


run_job(write, snakemake)
