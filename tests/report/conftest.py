"""A synthetic run, written once, and its summary."""

from dataclasses import replace
from pathlib import Path

import pytest
import synthetic
import synthetic_run
from synthetic import HOSTILE

from fewstep.report.figures import write_figure
from fewstep.report.inputs import Run
from fewstep.report.page import write_page
from fewstep.report.style import Style
from fewstep.report.summary import Summary, summarise
from fewstep.report.tables import write_tables


@pytest.fixture(scope="session")
def run(tmp_path_factory) -> Run:
    return synthetic_run.run(synthetic_run.write(tmp_path_factory.mktemp("results") / "mnist"))


@pytest.fixture(scope="session")
def summary() -> Summary:
    wanted = [(d, m, v, nfe) for d, task, m, v, nfe in synthetic.settings() if task == "generate"]
    return summarise(synthetic.results(), synthetic.speed(), synthetic.cards(), wanted)["mnist"]


@pytest.fixture(scope="session")
def style() -> Style:
    return Style(synthetic.cards())


@pytest.fixture(scope="session")
def hostile_run(run) -> Run:
    """The same run with cards that try to break out of every text of the page."""
    cards = synthetic.cards()
    cards["ect"] |= {"title": HOSTILE, "family": HOSTILE, "paper": f"arXiv:{HOSTILE}", "weights": [HOSTILE]}
    cards["ect"]["variants"]["multistep"]["label"] = HOSTILE
    return replace(run, cards=cards)


@pytest.fixture(scope="session")
def page(hostile_run, tmp_path_factory) -> Path:
    """index.html of the hostile run, made as the workflow makes it."""
    folder = tmp_path_factory.mktemp("reports")
    write_tables(hostile_run, folder / "tables")
    for dataset, files in hostile_run.files.items():
        for name in files.figures:
            write_figure(name, hostile_run, dataset, folder / "figures")
    return write_page(hostile_run, folder / "figures", folder / "tables", folder / "index.html")
