"""The real workflow: a page from samples, scores from answers, and keys that outlive other samples."""

import copy
import csv
import json
import re
import shutil

import pytest
from project_copy import PROFILE, Project
from raters import as_file, perfect, respond

from fewstep.study.blind import Blinded

pytestmark = pytest.mark.workflow
STUDY = {"compare": {"edm/heun": [3]}, "items": 8, "trials": 4, "practice": 2, "catch": 6}


def profile(**study):
    changed = copy.deepcopy(PROFILE)
    changed["datasets"]["digits"]["study"] = STUDY | study
    return changed


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """A project with a study whose page is written."""
    project = Project.create(tmp_path_factory.mktemp("study") / "project")
    project.write_profile(profile())
    project.run("study")
    return project


def page_and_key(project: Project) -> Blinded:
    html = (project.reports / "study" / "digits" / "index.html").read_text(encoding="utf-8")
    page = json.loads(re.search(r'<script type="application/json" id="study">(.*)</script>', html)[1])
    key = project.results / "study" / "digits" / "keys" / f"{page['study']}.json"
    return Blinded(page, json.loads(key.read_text(encoding="utf-8")))


def test_a_study_is_made_answered_and_scored(project):
    study = page_and_key(project)
    assert {trial["kind"] for trial in study.key["trials"].values()} == {"trial", "catch"}
    cells = {(t["method"], t["variant"], t["nfe"]) for t in study.key["trials"].values() if t["kind"] == "trial"}
    assert cells == {("edm", "heun", 3)}
    served = [path for path in project.reports.rglob("*") if path.is_file()]
    assert [path.name for path in served] == ["index.html"] and "edm" not in re.sub(
        '":"[^"]*"', "", served[0].read_text(encoding="utf-8")
    )

    assert "score_study" not in project.planned("report")
    none = project.snakemake("study_results")
    assert none.returncode != 0 and "Traceback" not in none.stdout
    assert "fewstep: results/tiny/study/digits/answers: there are no answers yet" in none.stdout

    folder = project.results / "study" / "digits" / "answers"
    folder.mkdir(parents=True)
    for seed in range(3):
        (folder / f"{seed}.json").write_text(json.dumps(as_file(respond(study, seed, perfect))))
    printed = project.run("study_results")
    assert "EDM (Heun)" in printed and "50 % is chance" in printed
    with open(project.reports / "tables" / "study_digits.csv", newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["task"], row["fool_rate"], row["raters"], row["trials"]) == ("2", "0.0", "3", "12")
    assert project.planned("study_results") == {}
    shutil.copy(folder / "0.json", folder / "again.json")
    assert project.planned("study_results") == {"score_study": 1, "study_results": 1}


def test_another_page_leaves_the_key_of_the_first_and_its_answers_are_still_scored(project):
    keys = project.results / "study" / "digits" / "keys"
    first = {path.name for path in keys.iterdir()}
    project.write_profile(profile(seed=1))
    project.run("study")
    assert first < {path.name for path in keys.iterdir()} and len(first) == 1
    assert "Traceback" not in project.run("study_results")
    project.write_profile(profile())


def test_without_a_study_section_the_targets_say_so(project):
    project.write_profile(PROFILE, "without")
    done = project.snakemake("study", profile="without")
    assert done.returncode != 0
    assert "fewstep: datasets: no data set of this profile has a study section" in done.stdout


def test_nothing_of_a_study_is_made_unless_it_is_asked_for(project):
    assert not {"write_study", "score_study"} & set(project.planned())
