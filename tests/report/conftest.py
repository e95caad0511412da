"""A synthetic run, written once, and its summary."""

import pytest
import synthetic

from fewstep.config import cells
from fewstep.report.inputs import Run
from fewstep.report.style import Style
from fewstep.report.summary import Summary, summarise


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
