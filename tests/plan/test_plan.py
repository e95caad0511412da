"""The plan: every cell once, every input made by a rule, and what a job depends on is what its result does."""

import copy
import json
import re
from pathlib import Path

import pytest

from fewstep.base.errors import FewstepError
from fewstep.base.folders import ROOT
from fewstep.base.strict_yaml import read_yaml
from fewstep.plan.cards import Network
from fewstep.plan.cells import DATA, EDIT, ENLARGE, GENERATE, LABELLED, Cell, comparison
from fewstep.plan.plan import Plan

PROFILE = {
    "profile": "planned",
    "weights": "train",
    "device": "cpu",
    "datasets": {
        "digits": {
            "source": "digits",
            "compare": {
                "edm/heun": [9, 17],
                "consistency_distillation/multistep": [1],
                "gan/sngan": [1],
            },
            "samples": {"count": 100, "seeds": [3, 4], "shard_size": 20},
            "edits": {"count": 20, "compare": {"edm/heun": {"denoising": [9], "super_resolution": [17]}}},
            "accuracy_score": {"compare": {"edm/heun": [9]}},
            "fool_rate": {"compare": {"edm/heun": [9], "gan/sngan": [1]}, "train_count": 20},
            "study": {"compare": {"edm/heun": [9]}},
        },
        "digits_4to8": {
            "source": "digits",
            "low_resolution": 4,
            "compare": {"bicubic/keys": [1], "sr3/ancestral": [8]},
            "samples": {"count": 60, "seeds": [0]},
        },
    },
}


def plan(**changes) -> Plan:
    """The plan of PROFILE; keys with dots name what is changed in the section of digits."""
    profile = copy.deepcopy(PROFILE)
    for key, value in changes.items():
        *path, last = key.split("__")
        section = profile
        for name in path:
            section = section[name]
        section[last] = value
    return Plan(profile, ROOT)


def sampled(made: Plan, part: str = "000000") -> dict:
    """The parameters of a job that samples EDM."""
    return made.params("sample")({"dataset": "digits", "task": GENERATE, "method": "edm", "part": part})


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan()


def test_a_cell_knows_its_task_its_folder_and_its_name():
    cell = Cell("digits", "edit/denoising", "edm", "heun", 9, 1, 3)
    assert (cell.kind, cell.edit) == (EDIT, "denoising")
    assert cell.folder == Path("denoising/heun/nfe0009/training1/seed3")
    assert cell.name == "edm/heun denoising NFE 9 training 1 seed 3"
    plain = cell._replace(task=GENERATE)
    assert (plain.kind, plain.edit, plain.folder) == (GENERATE, None, Path("heun/nfe0009/training1/seed3"))
    assert comparison("edm/heun") == ("edm", "heun")


def test_cells_are_those_of_the_profile_once_with_every_seed(planned):
    cells = planned.cells
    assert len(set(cells)) == len(cells)
    here = [(c.task, c.method, c.nfe, c.seed) for c in cells if c.dataset == "digits" and c.variant == "heun"]
    assert here == [
        (GENERATE, "edm", 9, 3), (GENERATE, "edm", 9, 4), (GENERATE, "edm", 17, 3), (GENERATE, "edm", 17, 4),
        (LABELLED, "edm", 9, 3), ("edit/denoising", "edm", 9, 0), ("edit/super_resolution", "edm", 17, 0),
    ]  # fmt: skip
    assert {c.task for c in cells if c.dataset == "digits_4to8"} == {ENLARGE}
    assert {c.folder for c in cells if c.kind == EDIT and c.method == "edm"} == {
        Path("denoising/heun/nfe0009/training0/seed0"), Path("super_resolution/heun/nfe0017/training0/seed0"),
    }  # fmt: skip


def test_no_two_cells_share_a_folder(planned):
    places = [(c.dataset, c.kind, c.method, c.folder) for c in planned.cells]
    assert len(set(places)) == len(places)


def test_a_training_seed_makes_networks_of_its_own_with_teachers_of_that_seed():
    more = plan(training_seeds=[0], datasets__digits__training_seeds={"consistency_distillation": [0, 2]})
    wanted = {c.training_seed for c in more.cells if c.method == "consistency_distillation"}
    assert wanted == {0, 2} and {c.training_seed for c in more.cells if c.method == "edm"} == {0}
    assert Network("digits", "edm", "default", 2) in more.networks
    assert Network("digits", "gan", "sngan", 2) not in more.networks
    name = {"dataset": "digits", "method": "consistency_distillation", "recipe": "default", "training_seed": "2"}
    assert more.inputs("train")(name)["teacher"] == more.weights(Network("digits", "edm", "default", 2))


def test_a_training_seed_of_a_method_that_is_not_compared_is_refused():
    with pytest.raises(FewstepError, match=r"datasets\.digits\.training_seeds: ddpm is not among"):
        plan(datasets__digits__training_seeds={"ddpm": [1]})


@pytest.mark.parametrize(("size", "parts"), [(None, ["000000"]), (40, ["000000", "000040", "000080"])])
def test_parts_cover_every_image_once(size, parts):
    made = plan(datasets__digits__samples__images_per_job=size)
    assert made.parts("digits", GENERATE) == parts
    assert [path.stem for path in made.samples("digits", GENERATE, "edm")] == parts
    ranges = [sampled(made, part)["images"] for part in parts]
    covered = [i for part in ranges for i in range(part["start"], part["start"] + part["count"])]
    assert covered == list(range(100))


def test_more_images_leave_the_whole_parts_as_they_are():
    few, many = (
        plan(datasets__digits__samples__images_per_job=40, datasets__digits__samples__count=count)
        for count in (100, 400)
    )
    same = [part for part in many.parts("digits", GENERATE) if part in few.parts("digits", GENERATE)]
    made = [[sampled(each, part) for part in same[:-1]] for each in (few, many)]  # the last one grows
    assert len(same) == 3 and made[0] == made[1]


def test_a_part_that_cuts_a_shard_is_refused():
    with pytest.raises(FewstepError, match=r"images_per_job: 30 is no multiple of shard_size, 20"):
        plan(datasets__digits__samples__images_per_job=30)


def wildcards(planned: Plan) -> dict[str, list[dict[str, str]]]:
    """Wildcards of jobs of every rule."""
    found: dict[str, list[dict[str, str]]] = {rule: [{}] for rule in ("collect_scores", "collect_speed", "ship")}
    found |= {rule: [{}] for rule in ("write_manifest", "write_tables", "write_page", "check", "baseline")}
    found["train"] = [
        {"dataset": n.dataset, "method": n.method, "recipe": n.recipe, "training_seed": str(n.training_seed)}
        for n in planned.networks
    ]
    for dataset in planned.datasets:
        name = {"dataset": dataset}
        for rule in ("prepare_data", "time_samplers"):
            found.setdefault(rule, []).append(name)
        found.setdefault("draw_figure", []).append({**name, "figure": "distance_vs_nfe"})
        for kind in planned.kinds(dataset):
            for method in planned.methods(dataset, kind):
                where = {**name, "task": kind, "method": method}
                found.setdefault("sample", []).append({**where, "part": "000000"})
                if kind != LABELLED:
                    found.setdefault("score", []).append(where)
            if kind != LABELLED:
                found.setdefault("reference", []).append({**name, "task": kind})
        task = {**name, "task": planned.samples_task(dataset)}
        found.setdefault("score_real", []).append(task)
        found.setdefault("search", []).extend({**name, "method": m, "variant": v} for m, v in planned.searched(dataset))
    found["evaluate"] = [{"dataset": d, "method": m} for d, m in planned.evaluated()]
    found["edit_inputs"] = found["accuracy_score"] = [{"dataset": "digits"}]
    found["fool_rate"] = [{"dataset": "digits"}]
    found["classify"] = [{"dataset": "digits", "method": m} for m in ("edm", DATA)]
    found["observe"] = [{"dataset": "digits", "method": m} for m in ("edm", "gan", "all", DATA)]
    found |= dict.fromkeys(("prepare_all", "train_rotnet", "train_extractor"), [{"dataset": "digits"}])
    found |= dict.fromkeys(("write_study", "score_study"), [{"dataset": "digits"}])
    found["use_zoo"] = found["train"]
    return found


def test_every_rule_can_be_asked_and_answers_in_plain_data(planned):
    rules = wildcards(planned)
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "workflow" / "rules").glob("*.smk")]
    asking = {rule for text in texts for rule in re.findall(r'plan\.params\("(\w+)"\)', text)}
    assert rules.keys() >= asking - {"import_samples"}, "this profile imports no samples"
    read_what_is_there = {"prepare_data", "prepare_all", "score_study"}  # files of the user, answers of raters
    for rule, jobs in rules.items():
        for names in jobs:
            if rule not in read_what_is_there:
                files = planned.inputs(rule)(names)
                assert all(isinstance(value, (Path, list)) for value in files.values()), rule
            asked = planned.params(rule)(names)
            assert json.loads(json.dumps(asked)) is not None, rule


def test_the_count_of_samples_is_no_reason_to_sample_a_cell_anew_nor_is_another_cell():
    """What makes pixels is in the key of a shard: settings, weights, code and condition, not how many there are."""
    few = sampled(plan())
    many = sampled(plan(datasets__digits__samples__count=120))
    assert few["pixels"] == many["pixels"] and few["cells"] == many["cells"] and few["images"] != many["images"]


def test_the_profiles_of_the_project_can_be_planned():
    for path in sorted((ROOT / "config").glob("*.yaml")):
        if path.stem == "mysamples":
            continue  # an example, whose images are the user's
        made = Plan(read_yaml(path), ROOT)
        assert made.cells and made.networks, path.name
        assert len(made.figures()) == len(set(made.figures())) and len(made.tables()) == len(set(made.tables()))


def test_timed_cells_come_method_by_method_once_for_all_seeds(planned):
    cells = planned.timed("digits")
    methods = [cell.method for cell in cells]
    assert methods == sorted(methods) and len({cell.setting for cell in cells}) == len(cells)
    assert {cell.seed for cell in cells if cell.task == GENERATE} == {3}
    assert not [cell for cell in cells if cell.task == LABELLED]
