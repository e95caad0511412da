"""Names that the project keeps for itself, and names that would make one path of two."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_profile import refuses

from fewstep.config import TAKEN
from fewstep.editing.names import TASKS
from fewstep.paths import ROOT
from fewstep.plan import presented


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


def test_no_name_of_a_figure_or_table_continues_another():
    """<figure>_<data set> would be one file for two pairs."""
    section = {"low_resolution": 4, "accuracy_score": {}, "fool_rate": {}}
    present = {"searched": lambda dataset: ["one"], "edits": lambda dataset: list(TASKS)}
    plan = SimpleNamespace(datasets={"toys": section}, methods=lambda dataset, kind: ["one"], **present)
    figures, tables = (of(plan, "toys") for of in (presented.figures_of, presented.tables_of))
    assert {"distance_vs_psnr", "searched_settings"} < set(figures) and {"classifiers", "searched"} < set(tables)
    for kind in (figures, [*tables, "study"]):
        assert not [(one, other) for one in kind for other in kind if other.startswith(f"{one}_")]
