"""A synthetic run, written once, and its summary."""

from pathlib import Path

import pytest
import synthetic
from synthetic import HOSTILE

from fewstep.config import cells
from fewstep.report.classifiers import write_classifiers
from fewstep.report.edits import tasks
from fewstep.report.edits import write_tables as write_edit_tables
from fewstep.report.extras import write_extras
from fewstep.report.figures import write_edits, write_figure
from fewstep.report.inputs import Run
from fewstep.report.names import FIGURES
from fewstep.report.page import write_page
from fewstep.report.stages import write_stages
from fewstep.report.style import Style
from fewstep.report.summary import Summary, summarise
from fewstep.report.tables import write_tables


@pytest.fixture(scope="session")
def run(tmp_path_factory) -> Run:
    folder = synthetic.write(tmp_path_factory.mktemp("results") / "mnist")
    return Run(folder, synthetic.cards(), synthetic.config())


@pytest.fixture(scope="session")
def summary() -> Summary:
    asked = cells(synthetic.config())
    return summarise(synthetic.results(), synthetic.speed(), synthetic.cards(), asked)["mnist"]


@pytest.fixture(scope="session")
def style() -> Style:
    return Style(synthetic.cards())


@pytest.fixture(scope="session")
def hostile_run(run) -> Run:
    """The same run with cards that try to break out of every text of the page."""
    cards = synthetic.cards()
    cards["ect"] |= {"title": HOSTILE, "family": HOSTILE, "paper": f"arXiv:{HOSTILE}", "weights": [HOSTILE]}
    cards["ect"]["variants"]["multistep"]["label"] = HOSTILE
    return Run(run.folder, cards, run.config)


@pytest.fixture(scope="session")
def page(hostile_run, tmp_path_factory) -> Path:
    """index.html of the hostile run, made as the workflow makes it."""
    folder = tmp_path_factory.mktemp("reports")
    files = [hostile_run.folder / name for name in ("results.csv", "speed.csv")]
    write_tables(*files, hostile_run.cards, folder / "tables", {"cells": cells(hostile_run.config)})
    write_classifiers(hostile_run.classifiers, list(hostile_run.summaries), hostile_run.cards, folder / "tables")
    write_extras(hostile_run.extras, list(hostile_run.summaries), hostile_run.cards, folder / "tables")
    for dataset in hostile_run.summaries:
        write_edit_tables(hostile_run, dataset, folder / "tables")
        write_stages(hostile_run, dataset, folder / "tables")
        for task in tasks(hostile_run, dataset):
            write_edits(task, hostile_run, dataset, folder / "figures")
        for name in FIGURES:
            write_figure(name, hostile_run, dataset, folder / "figures")
    return write_page(hostile_run, folder / "figures", folder / "tables", folder / "index.html")
