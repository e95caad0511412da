"""Three methods, and a profile that compares one of them."""

import pytest
from small_profile import card


@pytest.fixture
def cards():
    return {
        "teacher": card(),
        "student": card(teacher="teacher"),
        "conditional": card(labels="required"),
    }


@pytest.fixture
def profile():
    return {
        "profile": "small",
        "datasets": {"toys": {"source": "digits", "compare": {"teacher/heun": [5, 9]}}},
    }
