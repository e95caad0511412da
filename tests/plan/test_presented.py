"""The figures and tables of a profile: what a data set has no numbers for is not promised, and names stay apart."""

import pytest

from fewstep.base.folders import ROOT
from fewstep.plan.edit_names import COLOUR_ONLY, TASKS
from fewstep.plan.plan import Plan
from fewstep.plan.presented import figures_of, tables_of
from fewstep.plan.profile import CLASSIFIED


def plan(**section) -> Plan:
    """The plan of a small data set, which trains its networks; `section` adds to it."""
    plain = {
        "source": "digits",
        "compare": {"edm/heun": [9], "consistency_distillation/multistep": [1, 2]},
        "samples": {"count": 100},
    }
    return Plan({"profile": "small", "weights": "train", "device": "cpu", "datasets": {"toys": plain | section}}, ROOT)


def classified(*scores: str) -> Plan:
    few = {"accuracy_score": {}, "fool_rate": {"train_count": 20}}
    return plan(**{name: {"compare": {"edm/heun": [9]}, **few[name]} for name in scores})


def edited() -> Plan:
    tasks = {task: [1 if task in ("denoising", "interpolation") else 2] for task in TASKS if task not in COLOUR_ONLY}
    return plan(edits={"count": 20, "compare": {"consistency_distillation/multistep": tasks}})


def enlarged() -> Plan:
    return plan(low_resolution=4, compare={"sr3/ancestral": [8], "bicubic/keys": [1]})


def added(made: Plan, to: Plan, names) -> set[str]:
    assert set(names(to, "toys")) <= set(names(made, "toys"))
    return set(names(made, "toys")) - set(names(to, "toys"))


@pytest.mark.parametrize("score", CLASSIFIED)
def test_tables_of_classifiers_come_with_their_scores_alone(score):
    assert "classifiers" not in tables_of(plan(), "toys")
    assert added(classified(score), plan(), tables_of) == {"classifiers"}


def test_tables_and_figures_of_searches_come_with_a_searched_variant_alone():
    assert added(enlarged(), plan(), tables_of) == {"searched"}
    assert added(enlarged(), plan(), figures_of) == {"searched_settings", "distance_vs_psnr"}
    plain = plan(low_resolution=4, compare={"bicubic/keys": [1]})
    assert added(plain, plan(), figures_of) == {"distance_vs_psnr"} and not added(plain, plan(), tables_of)


def test_every_edit_has_a_table_and_a_grid():
    wanted = {f"edits_{task}" for task in TASKS if task not in COLOUR_ONLY}
    assert added(edited(), plan(), tables_of) == added(edited(), plan(), figures_of) == wanted


@pytest.mark.parametrize("names", [figures_of, tables_of])
def test_no_name_of_a_figure_or_table_continues_another(names):
    """<figure>_<data set> would be one file for two pairs."""
    plans = (classified(*CLASSIFIED), edited(), enlarged())
    known = {name for made in plans for name in names(made, "toys")}
    known |= {"study", *(f"edits_{task}" for task in TASKS)}
    assert not [(one, other) for one in known for other in known if other.startswith(f"{one}_")]
