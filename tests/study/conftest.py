"""Two small studies: one of plain generation, one of super-resolution."""

import pytest
from raters import make_study

from fewstep.study.blind import Blinded


@pytest.fixture(scope="session")
def plain() -> Blinded:
    """Task 2 alone."""
    return make_study(low=False)


@pytest.fixture(scope="session")
def paired() -> Blinded:
    """Both tasks."""
    return make_study(low=True)
