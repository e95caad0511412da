"""Names that the project keeps for itself, and names that would make one path of two."""

import subprocess
from pathlib import Path

import pytest
from small_profile import refuses

from fewstep.base.folders import ROOT
from fewstep.plan.profile import TAKEN


@pytest.mark.parametrize("name", TAKEN)
def test_a_profile_may_not_be_called_as_what_the_project_keeps(profile, cards, name):
    profile["profile"] = name
    refuses(profile, cards, f"profile: {name} is taken: {TAKEN[name]} is the project's own.")


def test_all_that_the_project_keeps_beside_profiles_is_taken():
    command = ["git", "ls-files", "results", "reports"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        pytest.skip("this is no git checkout")
    kept = {"/".join(Path(line).parts[:2]) for line in done.stdout.splitlines()}
    assert kept == set(TAKEN.values())
