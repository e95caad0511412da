"""Copies of the project: one in which nothing has run, and one after a whole run, which is made once."""

import pytest
from project_copy import Project


@pytest.fixture(scope="session")
def fresh(tmp_path_factory) -> Project:
    """A project in which nothing has run."""
    return Project.create(tmp_path_factory.mktemp("fresh") / "project")


@pytest.fixture(scope="session")
def finished(fresh, tmp_path_factory) -> Project:
    """A project after a whole run; tests leave it as it is."""
    project = fresh.copy(tmp_path_factory.mktemp("finished") / "project")
    project.run()
    return project


@pytest.fixture
def running(finished, tmp_path) -> Project:
    """A finished project to run more in."""
    return finished.copy(tmp_path / "project")
